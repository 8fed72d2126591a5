-- What is measured.
SELECT kpi_key, kpi_name, description, kpi_kind, kpi_timing, unit_label, cadence, objective_name
FROM kra_bi.dim_kpi
