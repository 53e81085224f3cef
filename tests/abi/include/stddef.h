/* Stands in for the system's, so that nothing of the system shows in the baseline. */
typedef __SIZE_TYPE__ size_t;
