// hello: the smallest guest. One vCPU says that it runs. No parameters.
#include "rt.h"

int main(void)
{
    u64 sum = 0;
    for (u64 i = 0; i < 1000; i++)
        sum += rt_mix(i);
    rt_report("hello", sum);
    return 0;
}
