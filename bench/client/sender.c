/*
 * The sender of bench/client in C: syslog(3). Arguments as those of sender.ts without the name:
 * MODE RUN COUNT. Prints JSON as it does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define BURST 8

static double now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
  double one = *(const double *)a, other = *(const double *)b;
  return one < other ? -1 : one > other;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int paced = strcmp(argv[1], "paced") == 0, burst = strcmp(argv[1], "burst") == 0;
  int count = atoi(argv[3]);
  double *times = calloc(count / BURST + 1, sizeof *times);
  openlog("bench", LOG_PID, LOG_USER);
  syslog(LOG_INFO, "run %s is ready", argv[2]);
  double begin = now_us(), longest = 0;
  for (int i = 0; i < count; i++) {
    if ((burst || paced) && i % BURST == 0) usleep(2000);
    double before = now_us();
    syslog(LOG_INFO, "run %s message %d of a bench, with a text as programs have it", argv[2], i);
    double took = now_us() - before;
    times[i / BURST] += took;
    if (took > longest) longest = took;
  }
  double elapsed = now_us() - begin;
  double *later = times + count / BURST / 2;
  qsort(later, count / BURST / 2, sizeof *times, ascending);
  printf("{\"callUs\":%f,\"elapsedMs\":%f,\"blockMs\":%f,\"blockCpuMs\":0}\n", later[count / BURST / 4] / BURST, elapsed / 1e3, longest / 1e3);
  return 0;
}
