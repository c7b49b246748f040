/*
 * The limit of the comparison: what a receiver costs that does nothing but receive and write.
 *
 * Up to 256 datagrams a call, no parsing, a newline after each, one write for all of them. With "-" for the file
 * it throws everything away: that tells how fast the sender is alone.
 *
 * usage: limit unix PATH FILE | limit udp PORT FILE
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ROWS = 256, SLOT = 8192, RECEIVE_BUFFER = 16 * 1024 * 1024 };

static char slots[ROWS][SLOT];
static char lines[ROWS * (SLOT + 1)];
static struct iovec vectors[ROWS];
static struct mmsghdr messages[ROWS];

static void fail(const char *what)
{
	fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_unix(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd < 0 || strlen(path) >= sizeof addr.sun_path)
		fail("socket");
	strcpy(addr.sun_path, path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0)
		fail("bind");
	return fd;
}

static int open_udp(const char *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port)) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int size = RECEIVE_BUFFER;

	if (fd < 0)
		fail("socket");
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0)
		fail("bind");
	return fd;
}

static void write_all(int out, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t n = write(out, lines + done, bytes - done);

		if (n < 0)
			fail("write");
		done += (size_t)n;
	}
}

int main(int argc, char **argv)
{
	int in, out = -1;

	if (argc != 4) {
		fputs("usage: limit unix PATH FILE | limit udp PORT FILE\n", stderr);
		return 2;
	}
	in = strcmp(argv[1], "udp") == 0 ? open_udp(argv[2]) : open_unix(argv[2]);
	if (strcmp(argv[3], "-") != 0 && (out = open(argv[3], O_WRONLY | O_CREAT | O_APPEND, 0640)) < 0)
		fail(argv[3]);
	for (int i = 0; i < ROWS; i++) {
		vectors[i].iov_base = slots[i];
		vectors[i].iov_len = SLOT;
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	for (;;) {
		size_t bytes = 0;
		int count = recvmmsg(in, messages, ROWS, MSG_WAITFORONE, NULL);

		if (count < 0)
			fail("recvmmsg");
		if (out < 0)
			continue;
		for (int i = 0; i < count; i++) {
			memcpy(lines + bytes, slots[i], messages[i].msg_len);
			bytes += messages[i].msg_len;
			lines[bytes++] = '\n';
		}
		write_all(out, bytes);
	}
}
