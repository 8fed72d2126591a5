/*
 * student.h: probabilities of Student's t distribution.
 */
#ifndef KRA_STUDENT_H
#define KRA_STUDENT_H

extern double student_upper(double t, double df);
extern double student_two_sided(double t, double df);
extern double student_quantile(double p, double df);

#endif							/* KRA_STUDENT_H */
