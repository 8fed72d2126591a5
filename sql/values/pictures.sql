-- Small pictures: text and SVG out of plain values. Standalone, valid XML, with a text alternative.

CREATE FUNCTION kra.sparkline(points double precision[]) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_sparkline' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.sparkline(double precision[]) IS 'a block of eight heights for each value, lowest to highest; a NULL element is a middle dot, equal values are middle blocks; NULL for NULL; at most 10000 values; error for NaN and infinities, and unless the database is in UTF8';

CREATE FUNCTION kra.sparkline_svg(points double precision[], label text DEFAULT NULL, width integer DEFAULT 120,
    height integer DEFAULT 24, target kra.kpi_target DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_sparkline_svg' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.sparkline_svg(double precision[], text, integer, integer, kra.kpi_target) IS 'SVG of a line without axes, the last point marked, the target dashed; a NULL element is a gap; the label is in the text alternative; width and height in pixels; NULL for NULL values';

CREATE FUNCTION kra.bullet_svg(actual double precision, target kra.kpi_target, label text DEFAULT NULL, unit text DEFAULT NULL,
    width integer DEFAULT 320, height integer DEFAULT 40) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_bullet_svg' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.bullet_svg(double precision, kra.kpi_target, text, text, integer, integer) IS 'SVG of a bullet graph: the actual as a bar, the target as a line across, off track, at risk and on track as greys from dark to light; the scale comes from the target; a NULL actual says no data, never NULL; width and height in pixels';

CREATE FUNCTION kra.xmr_svg(points double precision[], centre double precision, lower double precision, upper double precision,
    signals text[] DEFAULT NULL, meanings text[] DEFAULT NULL, labels text[] DEFAULT NULL, title text DEFAULT NULL,
    target kra.kpi_target DEFAULT NULL, width integer DEFAULT 480, height integer DEFAULT 180) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_xmr_svg' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_svg(double precision[], double precision, double precision, double precision, text[], text[], text[], text, kra.kpi_target, integer, integer) IS 'SVG of a process behaviour chart: points, centre, limits; signals (labels of kpi_signal) by shape, meanings (neutral, improvement, concern) by colour and filling, one word a value; a NULL element is a gap, a NULL limit is not drawn; width and height in pixels; NULL for NULL values';

CREATE FUNCTION kra.xmr_steps_svg(points double precision[], centres double precision[], lowers double precision[], uppers double precision[],
    signals text[] DEFAULT NULL, meanings text[] DEFAULT NULL, labels text[] DEFAULT NULL, title text DEFAULT NULL,
    target kra.kpi_target DEFAULT NULL, width integer DEFAULT 480, height integer DEFAULT 180) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_xmr_steps_svg' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_steps_svg(double precision[], double precision[], double precision[], double precision[], text[], text[], text[], text, kra.kpi_target, integer, integer) IS 'as xmr_svg, with the centre and limits of each point: they step where a change starts new ones, and the numbers shown are the latest; a NULL array or element is not drawn';

CREATE FUNCTION kra.data_uri(svg text) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_data_uri' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.data_uri(text) IS 'an SVG as the address of an image, in base64, for the image column of a BI tool';
