// Preloaded (ld.so(8), LD_PRELOAD) it tells on the standard output what a program syncs, before the call returns: a line
// `synced NAME`, the last part of the path of the file. The line is one write, as those of the program must be.
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

static int told(const char *call, int fd) {
  char link[64], path[4096], line[4200];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  const char *slash = strrchr(path, '/');
  const int result = reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, call))(fd);
  const int bytes = snprintf(line, sizeof line, "%s %s\n", result == 0 ? "synced" : "failed", slash ? slash + 1 : path);
  return write(1, line, bytes) == bytes ? result : -1;
}

extern "C" int fsync(int fd) { return told("fsync", fd); }
extern "C" int fdatasync(int fd) { return told("fdatasync", fd); }
