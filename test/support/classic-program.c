/*
 * Does with syslog(3) of the C library what its arguments say, and prints what setlogmask returns.
 *
 *   open IDENT|- OPTION FACILITY   log PRIORITY TEXT   format ERRNO PRIORITY FORMAT   close   mask N   long PRIORITY N
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc;) {
    char *word = argv[i++];
    if (strcmp(word, "open") == 0) {
      openlog(strcmp(argv[i], "-") == 0 ? NULL : argv[i], atoi(argv[i + 1]), atoi(argv[i + 2]));
      i += 3;
    } else if (strcmp(word, "log") == 0) {
      syslog(atoi(argv[i]), "%s", argv[i + 1]);
      i += 2;
    } else if (strcmp(word, "format") == 0) {
      errno = atoi(argv[i]);
      syslog(atoi(argv[i + 1]), argv[i + 2]);
      i += 3;
    } else if (strcmp(word, "long") == 0) {
      size_t length = atoi(argv[i + 1]);
      char *text = malloc(length + 1);
      memset(text, 'x', length);
      text[length] = 0;
      syslog(atoi(argv[i]), "%s", text);
      free(text);
      i += 2;
    } else if (strcmp(word, "mask") == 0) {
      printf("%d\n", setlogmask(atoi(argv[i++])));
      fflush(stdout);
    } else {
      closelog();
    }
  }
  return 0;
}
