/*
 * Reads input registers by libmodbus 3.1, over and over, and prints what it took as one JSON object.
 *
 *   libmodbus-reader rtu PATH BAUD GAP_US UNIT COUNT READS    8N1, silent for GAP_US before each question
 *   libmodbus-reader tcp PORT 0 0 UNIT COUNT READS            on 127.0.0.1
 *
 * Ten reads come before those that are counted.
 */
#include <modbus.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static double cpu_ms(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv) {
  if (argc != 8) return 64;
  int isTcp = !strcmp(argv[1], "tcp"), gap = atoi(argv[4]), count = atoi(argv[6]), reads = atoi(argv[7]), failed = 0;
  modbus_t *context = isTcp ? modbus_new_tcp("127.0.0.1", atoi(argv[2])) : modbus_new_rtu(argv[2], atoi(argv[3]), 'N', 8, 1);
  if (!context || modbus_set_slave(context, atoi(argv[5])) || modbus_set_response_timeout(context, 2, 0) || modbus_connect(context)) {
    fprintf(stderr, "%s\n", modbus_strerror(errno));
    return 1;
  }
  uint16_t registers[MODBUS_MAX_READ_REGISTERS];
  double began = 0, cpu = 0;
  for (int read = -10; read < reads; read++) {
    if (read == 0) began = seconds(), cpu = cpu_ms();
    if (gap > 0) usleep(gap);
    if (modbus_read_input_registers(context, 0, count, registers) != count && read >= 0) failed++;
  }
  printf("{\"reads\":%d,\"failed\":%d,\"seconds\":%.6f,\"cpuMs\":%.3f}\n", reads, failed, seconds() - began, cpu_ms() - cpu);
  return 0;
}
