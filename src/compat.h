/*
 * compat.h: what differs between the PostgreSQL versions that kra supports
 * (15 to 18), and nothing else.
 */
#ifndef KRA_COMPAT_H
#define KRA_COMPAT_H

#include "fmgr.h"
#include "nodes/nodes.h"
#include "utils/float.h"

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif

/*
 * Input functions report errors softly from 16 on (pg_input_is_valid(), COPY
 * ... ON_ERROR). On 15 there is no error-save node, and ereturn() throws.
 */
#ifdef ereturn
#define KRA_ESCONTEXT(fcinfo) ((fcinfo)->context)
#else
#define ereturn(escontext, dummy, ...) \
	do { (void) (escontext); ereport(ERROR, __VA_ARGS__); return dummy; } while (0)
#define KRA_ESCONTEXT(fcinfo) (NULL)
#endif

/* float8in_internal() became soft in 16. */
static inline float8
kra_float8in(char *num, char **endptr, const char *type_name,
			 const char *orig, Node *escontext)
{
#if PG_VERSION_NUM >= 160000
	return float8in_internal(num, endptr, type_name, orig, escontext);
#else
	(void) escontext;
	return float8in_internal(num, endptr, type_name, orig);
#endif
}

/* Did a callee report a soft error? On 15 it would have thrown. */
static inline bool
kra_soft_error(Node *escontext)
{
#if PG_VERSION_NUM >= 160000
	return SOFT_ERROR_OCCURRED(escontext);
#else
	(void) escontext;
	return false;
#endif
}

/* Actions of the JSON parser report errors from 16 on. */
#if PG_VERSION_NUM >= 160000
#define JSON_ACTION_RESULT JsonParseErrorType
#define JSON_ACTION_RETURN(well) return (well) ? JSON_SUCCESS : JSON_SEM_ACTION_FAILED
#else
#define JSON_ACTION_RESULT void
#define JSON_ACTION_RETURN(well) (void) (well)
#endif

/* pq_sendcountedtext() lost its last argument in 17. */
#if PG_VERSION_NUM >= 170000
#define kra_sendcountedtext(buf, str, len) pq_sendcountedtext(buf, str, len)
#else
#define kra_sendcountedtext(buf, str, len) pq_sendcountedtext(buf, str, len, false)
#endif

/* pg_proc_aclcheck() became object_aclcheck() in 16. */
#if PG_VERSION_NUM >= 160000
#define kra_may_execute(function, role) \
	(object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) == ACLCHECK_OK)
#else
#define kra_may_execute(function, role) \
	(pg_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK)
#endif

/* From 18 on, noreturn stands in front of a declaration. */
#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

#if PG_VERSION_NUM >= 180000
#define KRA_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "kra", .version = KRA_VERSION)
#else
#define KRA_MODULE_MAGIC PG_MODULE_MAGIC
#endif

#endif							/* KRA_COMPAT_H */
