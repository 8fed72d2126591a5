-- Student's t: p-values and quantiles, by way of trends whose t is known.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

-- The line a x with residuals r q(x) that are orthogonal to 1 and x: for df 1, 3, 5
-- q is the quadratic orthogonal polynomial, else there is a pair at a x - r and
-- a x + r. All numbers are whole, so slope, residuals and t are known exactly.
CREATE FUNCTION pg_temp.line(df int, a float8, r float8) RETURNS kpi_trend LANGUAGE sql
    RETURN CASE WHEN df IN (1, 3, 5)
        THEN (SELECT trend_agg(x::float8, a * x + r * (CASE df WHEN 1 THEN 3 * x * x - 2 WHEN 3 THEN x * x - 2 ELSE x * x - 4 END))
            FROM generate_series(-(df + 1) / 2, (df + 1) / 2) x)
        ELSE (SELECT trend_agg(x::float8, a * x + r * s) FROM generate_series(1, (df + 2) / 2) x, unnest('{1,-1}'::int[]) s) END;
CREATE FUNCTION pg_temp.t(df int, a numeric, r numeric) RETURNS numeric LANGUAGE sql
    RETURN (SELECT a * sqrt(df * suu / (rss * r * r))
        FROM (SELECT (CASE df WHEN 1 THEN 2 WHEN 3 THEN 10 WHEN 5 THEN 28 ELSE 2 * k * (k * k - 1) / 12 END)::numeric(60, 30) AS suu,
            (CASE df WHEN 1 THEN 6 WHEN 3 THEN 14 WHEN 5 THEN 84 ELSE df + 2 END)::numeric(60, 30) AS rss
            FROM (SELECT (df + 2)::numeric / 2 AS k) h) s);
CREATE FUNCTION pg_temp.relative(x float8, y float8) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN x = y THEN 0 ELSE abs(x - y) / abs(y) END;

-- the t of these lines is what it is meant to be
SELECT df, bool_and(pg_temp.relative(slope(l) / slope_stderr(l), pg_temp.t(df, a, r)::float8) < 1e-14) AS t
FROM unnest('{1,2,3,4,5,6,11,40,1000}'::int[]) df, (VALUES (1, 1), (7, 3), (100000, 7), (1, 1000), (1000000007, 1)) v(a, r),
    LATERAL (SELECT pg_temp.line(df, a, r) l) x
WHERE df IN (1, 3, 5) OR df % 2 = 0 GROUP BY df ORDER BY df;

-- closed forms, arranged so that nothing cancels; t from 1e-6 to 1e11
CREATE TEMP TABLE closed AS
SELECT df, a, r, pg_temp.t(df, a, r) AS t FROM generate_series(1, 4) df,
    (VALUES (1, 1000000), (1, 1000), (1, 10), (1, 2), (1, 1), (2, 1), (5, 1), (20, 1), (1000, 1), (1000000, 1), (10000000019, 1), (100000000003, 1)) v(a, r);
-- df 1: (2 / pi) atan(1 / t)
SELECT count(*), max(pg_temp.relative(p_value(pg_temp.line(df, a, r)), 2 / pi() * atan((1 / t)::float8))) < 1e-13 AS df_1, min(p_value(pg_temp.line(df, a, r))) < 2e-11 AS far
FROM closed WHERE df = 1;
-- df 2: 1 - t / sqrt(2 + t^2)
SELECT count(*), max(pg_temp.relative(p_value(pg_temp.line(df, a, r)), (2 / (s * (s + t)))::float8)) < 1e-13 AS df_2, min(p_value(pg_temp.line(df, a, r))) < 1e-21 AS far
FROM closed, LATERAL (SELECT sqrt(2 + t * t) s) x WHERE df = 2;
-- df 3: 1 - (2 / pi) (atan(t / sqrt 3) + (t / sqrt 3) / (1 + t^2 / 3)); where t is large, its series in sqrt(3) / t
SELECT count(*), max(pg_temp.relative(p_value(pg_temp.line(df, a, r)),
        CASE WHEN u < 1 THEN 1 - 2 / pi() * (atan(u) + u / (1 + u * u))
            ELSE 2 / pi() * 2 * (SELECT sum((-1) ^ (k + 1) * k / (2 * k + 1) * u ^ (-2 * k - 1)) FROM generate_series(1, 200) k) END)) < 1e-12 AS df_3
FROM closed, LATERAL (SELECT t::float8 / sqrt(3::float8) u) x WHERE df = 3 AND (u < 1 OR (u > 1.2 AND u < 10));
-- df 4: 1 - t (6 + t^2) / (4 + t^2)^(3/2), with 80 decimals
SELECT count(*), max(pg_temp.relative(p_value(pg_temp.line(df, a, r)), (1 - t * (6 + t * t) / (s * sqrt(s)))::float8)) < 1e-12 AS df_4
FROM closed, LATERAL (SELECT (4 + t * t)::numeric(120, 80) s) x WHERE df = 4 AND t < 1e9;

-- I_x(df / 2, 1 / 2), x = df / (df + t^2), at 45 digits (mpmath 1.3.0, betainc)
CREATE TEMP TABLE computed (df int, a float8, r float8, p float8);
INSERT INTO computed VALUES
    (1, 1, 577350, 0.99999936337993080845),
    (1, 17321, 100000, 0.93654717496060326202),
    (1, 86603, 100000, 0.70483141321979541608),
    (1, 173205, 100000, 0.50000014841205363032),
    (1, 433013, 100000, 0.24223773205034344706),
    (1, 1732051, 100000, 0.063451027858280297029),
    (1, 17320508, 100000, 0.0063659855576333337896),
    (1, 1732050808, 100000, 0.000063661977008705517917),
    (1, 11085125168, 1, 9.9471839436390214247e-11),
    (1, 173205080757, 1, 6.366197723671686894e-12),
    (2, 1, 707107, 0.99999929289343762701),
    (2, 14142, 100000, 0.92946611147855561048),
    (2, 70711, 100000, 0.66666531790038943676),
    (2, 141421, 100000, 0.42265070036674607906),
    (2, 353553, 100000, 0.12961195333069283408),
    (2, 1414214, 100000, 0.0098524510154829421225),
    (2, 14142136, 100000, 0.000099984997179910837164),
    (2, 1414213562, 100000, 9.9999998552763631245e-9),
    (2, 9050966799, 1, 2.4414062501013187646e-20),
    (2, 141421356237, 1, 1.00000000000437706e-22),
    (3, 1, 1463850, 0.99999926489475115532),
    (3, 6831, 100000, 0.92665556109711719078),
    (3, 34157, 100000, 0.65144340376953597111),
    (3, 68313, 100000, 0.39100224986464915193),
    (3, 170783, 100000, 0.087706095513721455414),
    (3, 683130, 100000, 0.0021283995245675193264),
    (3, 6831301, 100000, 2.2045214495358120928e-6),
    (3, 683130051, 100000, 2.2053155029153747476e-12),
    (3, 4372032327, 1, 8.4126113182021616038e-30),
    (3, 68313005106, 1, 2.2053155817256479115e-33),
    (4, 1, 1632993, 0.99999924999992566329),
    (4, 6124, 100000, 0.92515248602393354728),
    (4, 30619, 100000, 0.64332598246320684909),
    (4, 61237, 100000, 0.37390267393293316163),
    (4, 153093, 100000, 0.066766671726064100319),
    (4, 612372, 100000, 0.00056200517080657964781),
    (4, 6123724, 100000, 5.996003496578381134e-8),
    (4, 612372436, 100000, 5.999999588077651138e-16),
    (4, 3919183588, 1, 3.5762786881772085354e-39),
    (4, 61237243570, 1, 5.9999999998351796963e-44),
    (5, 1, 1290994, 0.99999924078635646065),
    (5, 7746, 100000, 0.92422981664457465418),
    (5, 38730, 100000, 0.6382974615951420831),
    (5, 77460, 100000, 0.3632155784109891292),
    (5, 193649, 100000, 0.054490243309775986542),
    (5, 774597, 100000, 0.00017094722568428474924),
    (5, 7745967, 100000, 1.8960010461813559425e-9),
    (5, 774596669, 100000, 1.8980332487103555862e-19),
    (5, 4957418683, 1, 1.7676813987931198264e-48),
    (5, 77459666924, 1, 1.8980334491306461253e-54),
    (6, 1, 2738613, 0.99999923453451476874),
    (6, 3651, 100000, 0.9236120331960432412),
    (6, 36515, 100000, 0.35591569360814984733),
    (6, 71569, 100000, 0.097695452483758057276),
    (6, 182574, 100000, 0.0024523541872525839892),
    (6, 438178, 100000, 0.000020307418539581753308),
    (6, 1351049, 100000, 2.6008037146198062814e-8),
    (6, 5477226, 100000, 5.9217770120884114804e-12),
    (6, 365148, 1, 6.7500412233915255185e-35),
    (10, 1, 5400617, 0.99999922178319623483),
    (10, 1852, 100000, 0.92230567960450107376),
    (10, 18516, 100000, 0.34090313483678737369),
    (10, 36292, 100000, 0.078437280222424305241),
    (10, 92582, 100000, 0.00053733402951379480384),
    (10, 222197, 100000, 2.9213870564157836397e-7),
    (10, 685107, 100000, 4.9498819103570729585e-12),
    (10, 2777460, 100000, 4.2589641232557634668e-18),
    (10, 185164, 1, 2.4609401519592342149e-56),
    (30, 1, 25248762, 0.99999920873561937171),
    (30, 396, 100000, 0.92102134176537593562),
    (30, 3961, 100000, 0.32525936452799732597),
    (30, 7763, 100000, 0.059334805235735036371),
    (30, 19803, 100000, 0.000023295869352406473286),
    (30, 47527, 100000, 5.5804261751135305147e-13),
    (30, 146542, 100000, 1.3605359970504146054e-26),
    (30, 594089, 100000, 1.0602854071134097744e-44),
    (30, 3960590172, 100000, 2.0729069281437621483e-159),
    (100, 1, 147196014, 0.99999920410762375576),
    (100, 68, 100000, 0.92047065678083102244),
    (100, 679, 100000, 0.31998380122087172009),
    (100, 1332, 100000, 0.052701748308571932131),
    (100, 3397, 100000, 2.4476487700945817387e-6),
    (100, 8152, 100000, 4.4077466870055253998e-21),
    (100, 25137, 100000, 3.6647000991075078931e-60),
    (100, 101905, 100000, 1.5716217386041407445e-119),
    (998, 1, 4559778887, 0.99999920231528498194),
    (998, 2, 100000, 0.92735548911789290457),
    (998, 22, 100000, 0.31603099691411174353),
    (998, 43, 100000, 0.050191280339967422662),
    (998, 110, 100000, 6.2500609332968744921e-7),
    (998, 263, 100000, 4.7357243931766678289e-31),
    (998, 811, 100000, 3.15481727218354567e-189),
    (19998, 1, 4082278755, 0.99992021254150232802),
    (19998, 1, 40822788, 0.99202138720863385398),
    (19998, 1, 816456, 0.61708068635191772326),
    (19998, 1, 208280, 0.050010175235772880844),
    (19998, 1, 100000, 0.000044769544084787503363),
    (19998, 3, 100000, 2.3194335354036884643e-34),
    (19998, 6, 100000, 1.442679770422419909e-130),
    (19998, 9, 100000, 5.0140188290422012469e-286),
    (20000, 1, 4082891133, 0.99992021254141157147),
    (20000, 1, 40828911, 0.99202138704712525025),
    (20000, 1, 816578, 0.61708048077545650723),
    (20000, 1, 208311, 0.050009905685306736421),
    (20000, 1, 100000, 0.000044651771887658116393),
    (20000, 3, 100000, 2.2678099561812766033e-34),
    (20000, 6, 100000, 1.3212017988333753332e-130),
    (20000, 9, 100000, 4.1383849967713200999e-286),
    (20002, 1, 4083503541, 0.99992021254130876488),
    (20002, 1, 40835035, 0.99202138702122338323),
    (20002, 1, 816701, 0.61708070369557070499),
    (20002, 1, 208342, 0.050009634498322211724),
    (20002, 1, 100000, 0.000044534287721378250811),
    (20002, 3, 100000, 2.2173255383286916808e-34),
    (20002, 6, 100000, 1.2099319204489784918e-130),
    (20002, 9, 100000, 3.4155452636618835408e-286),
    (40000, 1, 11547582720, 0.99992021204273155451),
    (40000, 1, 115475827, 0.99202133722729744494),
    (40000, 1, 2309517, 0.61707789747554498916),
    (40000, 1, 589162, 0.050002573396082824941),
    (40000, 1, 230952, 5.7574549597987434368e-7),
    (40000, 1, 100000, 8.4970462611675296696e-31),
    (40000, 2, 100000, 3.0372164545513405004e-117),
    (40000, 3, 100000, 3.9681709540114534729e-259);
SELECT df, count(*), max(pg_temp.relative(p_value(pg_temp.line(df, a, r)), p)) < 1e-11 AS right FROM computed GROUP BY df ORDER BY df;
SELECT min(p) < 1e-280 AS far, max(p) > 0.999999 AS near FROM computed;

-- a falling line has the p of a rising one, and p falls as t rises
SELECT bool_and(p_value(pg_temp.line(df, -a, r)) = p_value(pg_temp.line(df, a, r))) AS two_sided FROM computed WHERE df < 100;
SELECT df, bool_and(p <= before) AS falls FROM (
    SELECT df, p, lag(p) OVER (PARTITION BY df ORDER BY a) before
    FROM unnest('{1,2,3,5,10,60,500}'::int[]) df, generate_series(0, 300) a, LATERAL (SELECT p_value(pg_temp.line(df, a, 40)) p) x
    WHERE df IN (1, 3, 5) OR df % 2 = 0) s GROUP BY df ORDER BY df;
-- where the method changes, at 20000 degrees of freedom, nothing jumps
SELECT bool_and(abs(ln(p_value(pg_temp.line(20000, a, 100000)) / p_value(pg_temp.line(19998, a, 100000)))) < 1e-3 * a ^ 2 * 20) AS smooth
FROM generate_series(1, 9) a;

-- without residuals
SELECT p_value(pg_temp.line(2, 3, 0)) AS certain, p_value(pg_temp.line(2, 0, 0)) AS constant, p_value(pg_temp.line(2, 0, 5)) AS flat;

-- quantiles, as half the width of the prediction interval in units of its standard error
CREATE FUNCTION pg_temp.quantile(df int, level float8) RETURNS float8 LANGUAGE sql
    RETURN (SELECT (f.upper - f.lower) / 2 / sqrt(2.0::float8 * (1 + 1.0 / (df + 2)))
        -- at the mean of x, with the residual variance scaled to 2
        FROM forecast(pg_temp.line(df, 0, sqrt(2.0::float8 * df / (CASE df WHEN 1 THEN 6 WHEN 3 THEN 14 WHEN 5 THEN 84 ELSE df + 2 END))),
            CASE WHEN df IN (1, 3, 5) THEN 0 ELSE (df + 4) / 4.0::float8 END, level) f);
-- the tables of textbooks
SELECT df, round(pg_temp.quantile(df, 0.9)::numeric, 3) AS "0.95", round(pg_temp.quantile(df, 0.95)::numeric, 3) AS "0.975",
    round(pg_temp.quantile(df, 0.99)::numeric, 3) AS "0.995", round(pg_temp.quantile(df, 0.999)::numeric, 3) AS "0.9995"
FROM unnest('{1,2,3,4,5,6,8,10,20,30,60,120}'::int[]) df;
-- closed forms: df 1 is tan(pi level / 2), df 2 is level sqrt(2 / (1 - level^2))
SELECT level, pg_temp.relative(pg_temp.quantile(1, level), tan(pi() * level / 2)) < 1e-11 AS df_1,
    pg_temp.relative(pg_temp.quantile(2, level), level * sqrt(2 / ((1 - level) * (1 + level)))) < 1e-11 AS df_2
FROM unnest('{0.001,0.1,0.5,0.8,0.9,0.95,0.99,0.9999}'::float8[]) level;
-- by bisection of the same integral, at 45 digits (mpmath 1.3.0)
SELECT df, level, pg_temp.relative(pg_temp.quantile(df, level), q) < 1e-10 AS right FROM (VALUES
    (3, 0.5::float8, 0.764892328404345281::float8),
    (3, 0.95::float8, 3.18244630528370844::float8),
    (3, 0.999::float8, 12.9239786366874792::float8),
    (4, 0.5::float8, 0.740697084112682633::float8),
    (4, 0.95::float8, 2.77644510519779349::float8),
    (4, 0.999::float8, 8.6103015813792731::float8),
    (5, 0.5::float8, 0.726686843800422653::float8),
    (5, 0.95::float8, 2.57058183563631478::float8),
    (5, 0.999::float8, 6.86882662588110892::float8),
    (8, 0.5::float8, 0.7063866126448386::float8),
    (8, 0.95::float8, 2.30600413520416611::float8),
    (8, 0.999::float8, 5.0413054333733667::float8),
    (30, 0.5::float8, 0.682755693321292553::float8),
    (30, 0.95::float8, 2.04227245630123789::float8),
    (30, 0.999::float8, 3.64595863504202149::float8),
    (100, 0.5::float8, 0.676951043011471478::float8),
    (100, 0.95::float8, 1.98397151852355189::float8),
    (100, 0.999::float8, 3.39049131116422965::float8),
    (20000, 0.5::float8, 0.674502017141113718::float8),
    (20000, 0.95::float8, 1.96008260515813481::float8),
    (20000, 0.999::float8, 3.29101328336425604::float8)) v(df, level, q);
