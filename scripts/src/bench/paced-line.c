/*
 * A serial line with slaves on it, as slow as a real one: a pseudo-terminal whose answers come byte by byte at a baud rate.
 *
 *   paced-line BAUD LATENCY_US
 *
 * A question takes its time on the wire, though a terminal hands it over at once; 3.5 characters of silence end it; then
 * the slave thinks, and its answer follows, 10 bits a byte. Times are absolute: what is late does not delay what follows.
 *
 * Standard input, a line each:
 *   UNIT ADDRESS VALUE    puts a value into a register, of all functions; others hold 0
 *   path                  prints the path of the terminal
 *   gaps                  prints what was seen since the last time, as one JSON object: questions; the shortest silence between
 *                         the end of an answer and the next question, us; how many were shorter than 3.5 characters;
 *                         how late the latest byte was, us
 * Ends with its standard input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define QUESTION 8
#define SILENCE 3.5

static uint16_t *registers[256];
static double byte_us, latency_us, last_end_us = -1e12, least_gap_us, latest_us;
static unsigned questions, shorter;

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void sleep_until(double us) {
  struct timespec at = {.tv_sec = (time_t)(us / 1e6)};
  at.tv_nsec = (long)((us - at.tv_sec * 1e6) * 1e3);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) continue;
}

static unsigned crc_of(const uint8_t *bytes, int length) {
  unsigned crc = 0xffff;
  for (int at = 0; at < length; at++) {
    crc ^= bytes[at];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

static int with_crc(uint8_t *frame, int length) {
  unsigned crc = crc_of(frame, length);
  frame[length] = crc & 0xff;
  frame[length + 1] = crc >> 8;
  return length + 2;
}

/* What the unit answers; 0 where none has this number. */
static int answer_to(const uint8_t *question, uint8_t *answer) {
  uint16_t *held = registers[question[0]];
  unsigned address = question[2] << 8 | question[3], count = question[4] << 8 | question[5];
  if (!held) return 0;
  answer[0] = question[0];
  answer[1] = question[1];
  if (count < 1 || count > 125 || address + count > 65536) {
    answer[1] |= 0x80;
    answer[2] = 3;
    return with_crc(answer, 3);
  }
  answer[2] = 2 * count;
  for (unsigned at = 0; at < count; at++) {
    answer[3 + 2 * at] = held[address + at] >> 8;
    answer[4 + 2 * at] = held[address + at] & 0xff;
  }
  return with_crc(answer, 3 + 2 * count);
}

static void answer(int line, const uint8_t *question, double began_us) {
  uint8_t frame[260];
  double gap_us = began_us - last_end_us;
  if (questions++ == 0 || gap_us < least_gap_us) least_gap_us = gap_us;
  if (gap_us < SILENCE * byte_us) shorter++;
  int length = answer_to(question, frame);
  double at_us = began_us + (QUESTION + SILENCE) * byte_us + latency_us;
  for (int at = 0; at < length; at++) {
    at_us += byte_us;
    sleep_until(at_us);
    /* Taken before: whoever waits for the byte may have it before this process runs on. */
    last_end_us = now_us();
    if (write(line, frame + at, 1) != 1) exit(1);
    if (last_end_us - at_us > latest_us) latest_us = last_end_us - at_us;
  }
}

static void take_question(int line) {
  static uint8_t waiting[QUESTION];
  static int length;
  double began_us = now_us();
  int more = read(line, waiting + length, QUESTION - length);
  if (more <= 0) exit(1);
  length += more;
  if (length < QUESTION) return;
  length = 0;
  unsigned crc = crc_of(waiting, QUESTION - 2);
  if (waiting[6] != (crc & 0xff) || waiting[7] != crc >> 8) exit(1);
  answer(line, waiting, began_us);
}

static void take_order(char *order, int line) {
  unsigned unit, address, value;
  if (sscanf(order, "%u %u %u", &unit, &address, &value) == 3) {
    if (unit > 255 || address > 65535) exit(1);
    if (!registers[unit]) registers[unit] = calloc(65536, sizeof **registers);
    registers[unit][address] = (uint16_t)value;
  } else if (!strcmp(order, "path")) {
    printf("%s\n", ptsname(line));
  } else if (!strcmp(order, "gaps")) {
    printf("{\"questions\":%u,\"leastGapUs\":%.1f,\"shorter\":%u,\"latestByteUs\":%.1f}\n", questions, least_gap_us, shorter, latest_us);
    questions = shorter = 0;
    latest_us = 0;
  }
}

static void take_orders(int line) {
  static char text[65536];
  static size_t length;
  ssize_t more = read(STDIN_FILENO, text + length, sizeof text - length);
  if (more <= 0) exit(0);
  length += more;
  char *start = text, *end;
  while ((end = memchr(start, '\n', text + length - start))) {
    *end = 0;
    take_order(start, line);
    start = end + 1;
  }
  length -= start - text;
  memmove(text, start, length);
  fflush(stdout);
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1);
  if (argc != 3) return 64;
  byte_us = 10e6 / atof(argv[1]);
  latency_us = atof(argv[2]);
  int line = posix_openpt(O_RDWR | O_NOCTTY);
  if (line < 0 || grantpt(line) || unlockpt(line)) return 1;
  /* Held open, so that the line stays when its reader opens it anew. */
  int held = open(ptsname(line), O_RDWR | O_NOCTTY);
  struct termios raw;
  if (held < 0 || tcgetattr(held, &raw)) return 1;
  cfmakeraw(&raw);
  if (tcsetattr(held, TCSANOW, &raw)) return 1;
  struct pollfd waiting[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = line, .events = POLLIN}};
  for (;;) {
    if (poll(waiting, 2, -1) < 0) return 1;
    if (waiting[1].revents) take_question(line);
    if (waiting[0].revents) take_orders(line);
  }
}
