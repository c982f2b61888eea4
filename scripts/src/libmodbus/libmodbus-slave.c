/*
 * A Modbus slave by libmodbus 3.1.
 *
 *   libmodbus-slave rtu PATH UNIT BAUD    answers on a terminal, 8N1
 *   libmodbus-slave tcp UNIT              answers on a free port of 127.0.0.1, one connection after the other
 *
 * Standard input: lines "ADDRESS VALUE", ended by end of file; holding and input registers hold the same, from the first
 * address to the last, those that are not named 0. Standard output: the port, or 0 for a terminal, once it answers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static uint16_t image[65536];

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
  exit(1);
}

static modbus_mapping_t *read_image(void) {
  unsigned address, value, first = 65535, last = 0;
  while (scanf("%u %u", &address, &value) == 2) {
    if (address > 65535 || value > 65535) fail("image");
    image[address] = (uint16_t)value;
    if (address < first) first = address;
    if (address > last) last = address;
  }
  if (first > last) fail("no registers");
  unsigned count = last - first + 1;
  modbus_mapping_t *map = modbus_mapping_new_start_address(0, 0, 0, 0, first, count, first, count);
  if (!map) fail("mapping");
  memcpy(map->tab_registers, image + first, count * sizeof *image);
  memcpy(map->tab_input_registers, image + first, count * sizeof *image);
  return map;
}

/* Answers until the line is lost. */
static void serve(modbus_t *context, modbus_mapping_t *map) {
  uint8_t question[MODBUS_MAX_ADU_LENGTH];
  for (;;) {
    int length = modbus_receive(context, question);
    if (length > 0) modbus_reply(context, question, length, map);
    else if (length < 0 && (errno == ECONNRESET || errno == EIO || errno == EBADF)) return;
  }
}

static void serve_terminal(char **argv, modbus_mapping_t *map) {
  modbus_t *context = modbus_new_rtu(argv[2], atoi(argv[4]), 'N', 8, 1);
  if (!context || modbus_set_slave(context, atoi(argv[3])) || modbus_connect(context)) fail("terminal");
  printf("0\n");
  fflush(stdout);
  serve(context, map);
}

static void serve_tcp(char **argv, modbus_mapping_t *map) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listening = socket(AF_INET, SOCK_STREAM, 0);
  if (listening < 0 || bind(listening, (struct sockaddr *)&address, size) || listen(listening, 16)) fail("listen");
  if (getsockname(listening, (struct sockaddr *)&address, &size)) fail("port");
  modbus_t *context = modbus_new_tcp("127.0.0.1", ntohs(address.sin_port));
  if (!context || modbus_set_slave(context, atoi(argv[2]))) fail("tcp");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    if (modbus_tcp_accept(context, &listening) < 0) fail("accept");
    serve(context, map);
    modbus_close(context);
  }
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  modbus_mapping_t *map = read_image();
  if (argc == 5 && !strcmp(argv[1], "rtu")) serve_terminal(argv, map);
  else if (argc == 3 && !strcmp(argv[1], "tcp")) serve_tcp(argv, map);
  else fail("usage");
  return 0;
}
