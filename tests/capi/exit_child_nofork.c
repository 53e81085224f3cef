int a_child_has_left(void);

int a_child_has_left(void) { return 0; }
