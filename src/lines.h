/*
 * lines.h: what results are computed from, as the reader may see it.
 */
#ifndef KRA_LINES_H
#define KRA_LINES_H

#include "executor/spi.h"

#include "calendar.h"
#include "whole.h"

/* A span of a subject's time: which role it has. */
typedef struct RoleSpan
{
	DateADT		from;
	DateADT		until;
	DateADT		resumes;
	int32		job_role_id;	/* 0: none */
} RoleSpan;

/* A span in which a subject stands below another. */
typedef struct PlaceSpan
{
	int			ancestor;		/* index of the subject above */
	int			depth;
	DateADT		from;
	DateADT		until;
	DateADT		resumes;
} PlaceSpan;

typedef struct Subject
{
	int32		id;
	int32		place;			/* in the order of keys */
	bool		is_wanted;
	bool		is_group;		/* is or was somebody below it? */
	RoleSpan   *roles;
	int			nroles;
	PlaceSpan  *places;			/* nearest first */
	int			nplaces;
} Subject;

/* A target, and the period that it is for. */
typedef struct SharedTarget
{
	bool		is_there;
	bool		is_shared;		/* is it for longer periods than those of the cadence? */
	Grain		grain;			/* of those */
	int			nphases;		/* 0: each part the same */
	const double *phases;
	double		phase_sum;
	KpiTarget	target;
} SharedTarget;

/* A span in which a KPI is on the card of a role. */
typedef struct CardSpan
{
	int32		job_role_id;
	int32		kpi_id;
	int32		result_area_id;
	int			area_place;		/* equal for areas of the same name */
	DateADT		from;
	DateADT		until;
	double		weight;
	SharedTarget target;
} CardSpan;

/* A span in which a subject has a target of its own, or has ended it. */
typedef struct OwnSpan
{
	int32		kpi_id;
	int32		subject_id;
	DateADT		from;
	DateADT		until;
	SharedTarget target;
} OwnSpan;

typedef struct LineKpi
{
	int32		id;
	PackedGrid	grid;
	Aggregation over_time;
	Aggregation over_subjects;
	bool		absent_is_zero;
	DateADT		reached;		/* by the source, where absent is zero */
	double		at_risk_from;
	bool		is_candidate;	/* tried out: on no card */
} LineKpi;

/* What is asked for. */
typedef struct LineQuery
{
	MemoryContext context;
	DateADT		as_of;
	DateADT		from;
	DateADT		until;
	DateADT		cut;			/* parts count up to this day; DATEVAL_NOEND: all */
	PackedGrid	grid;			/* the one period of this grid that starts at from; 0: all */
	DateADT		first;			/* parts are needed from here */
	DateADT		last;			/* ... up to here */
	TimestampTz known_until;	/* when the day after as_of begins */
	PackedGrid	grids[GRAIN_COUNT];
	Datum		subjects;		/* integer[]; 0: all */
	Datum		members;		/* those and all below them */
	Datum		kpis;
	Datum		groups;			/* of the subjects; 0: none is one */
	Subject    *subject;		/* in the order of ids */
	int			nsubjects;
	CardSpan   *cards;			/* by KPI, role and day */
	int			ncards;
	OwnSpan    *owns;			/* by KPI, subject and day */
	int			nowns;
	LineKpi    *kpi;
	int			nkpis;
} LineQuery;

extern void kra_keep_plan(SPIPlanPtr *plan, const char *sql, int nargs, Oid *types);
extern void kra_load_lines(LineQuery *q);
extern int	kra_find_subject(const LineQuery *q, int32 id);

#endif							/* KRA_LINES_H */
