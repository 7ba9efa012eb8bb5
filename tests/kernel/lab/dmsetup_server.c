// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the installed dmsetup run many command lines in one process: loaded with LD_PRELOAD, it takes the
// place of dmsetup's main().
//
// In a user-mode kernel a fork and exec costs about 80 ms and the command itself about 1 ms. So that each
// command finds the program as fresh as a new process would, the writable data of dmsetup and libdevmapper is
// put back to what it was before main(), and every file descriptor that a command left open is closed.
//
// Requests come on descriptor 198: two 32-bit lengths, then as many bytes of words, each ended by a zero byte
// (the folder to run in, then the arguments), and of what the command reads from standard input. Answers go
// to descriptor 199: the exit code and the length of standard output (both 32 bits), then the output.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
  request_fd = 198,
  answer_fd = 199,
  first_fd_kept = 190,
  input_fd = 196,
  output_fd = 197,
  segments_max = 16
};

typedef int Main(int argc, char** argv, char** envp);

struct Segment {
  char* live;
  char* fresh;
  size_t size;
};

static Main* dmsetup_main;
static void (*library_exit)(void);  // what libdevmapper does when a process ends: device nodes, too
static struct Segment segments[segments_max];
static int segment_count;
static jmp_buf after_main;
static int exit_code;
static int in_main;

// dmsetup and its library return from main() mostly, but not always.
void exit(int code) {
  if (!in_main) _exit(code);
  exit_code = code;
  longjmp(after_main, 1);
}

static int remember_segments(struct dl_phdr_info* object, size_t size, void* unused) {
  (void)size, (void)unused;
  if (*object->dlpi_name && !strstr(object->dlpi_name, "libdevmapper")) return 0;
  ElfW(Addr) protected_end = 0;  // the linker's own, read-only by now
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr)* header = &object->dlpi_phdr[i];
    if (header->p_type == PT_GNU_RELRO)
      protected_end = (header->p_vaddr + header->p_memsz + 4095) & ~(ElfW(Addr))4095;
  }
  for (int i = 0; i < object->dlpi_phnum && segment_count < segments_max; i++) {
    const ElfW(Phdr)* header = &object->dlpi_phdr[i];
    if (header->p_type != PT_LOAD || !(header->p_flags & PF_W)) continue;
    ElfW(Addr) begin = header->p_vaddr, end = begin + header->p_memsz;
    if (begin < protected_end) begin = protected_end;
    if (begin >= end) continue;
    struct Segment* segment = &segments[segment_count++];
    segment->live =
        (char*)(object->dlpi_addr + begin);  // NOLINT(performance-no-int-to-ptr): dl_iterate_phdr()
    segment->size = end - begin;
    segment->fresh = malloc(segment->size);
    memcpy(segment->fresh, segment->live, segment->size);
  }
  return 0;
}

static int read_all(void* to, size_t size) {
  for (char* at = to; size > 0;) {
    ssize_t got = read(request_fd, at, size);
    if (got <= 0) return 0;
    at += got, size -= got;
  }
  return 1;
}

static void write_all(const void* from, size_t size) {
  for (const char* at = from; size > 0;) {
    ssize_t put = write(answer_fd, at, size);
    if (put <= 0) _exit(1);
    at += put, size -= put;
  }
}

static void answer(void) {
  uint32_t head[2] = {(uint32_t)exit_code, (uint32_t)lseek(output_fd, 0, SEEK_END)};
  char* output = malloc(head[1] + 1);
  if (pread(output_fd, output, head[1], 0) != (ssize_t)head[1]) _exit(1);
  write_all(head, sizeof head);
  write_all(output, head[1]);
  free(output);
}

static void put_on_input(const char* text, size_t size) {
  if (ftruncate(input_fd, 0) || pwrite(input_fd, text, size, 0) != (ssize_t)size) _exit(1);
  if (lseek(input_fd, 0, SEEK_SET)) _exit(1);
  dup2(input_fd, STDIN_FILENO);
  // What the command before has left unread, and that it met the end.
  __fpurge(stdin);
  clearerr(stdin);
}

static int serve(int argc, char** argv, char** envp) {
  (void)argc, (void)argv;
  unsetenv("LD_PRELOAD");  // not for what dmsetup starts
  library_exit = dlsym(RTLD_DEFAULT, "dm_lib_exit");
  dl_iterate_phdr(remember_segments, NULL);
  dup2(memfd_create("stdout", 0), output_fd);
  dup2(memfd_create("stdin", 0), input_fd);
  for (;;) {
    uint32_t sizes[2];
    if (!read_all(sizes, sizeof sizes)) _exit(0);
    uint32_t size = sizes[0];
    char* request = malloc(size + sizes[1] + 1);
    if (!read_all(request, size + sizes[1])) _exit(0);
    char** words = calloc(size + 2, sizeof *words);
    int count = 0;
    for (char* at = request; at < request + size; at += strlen(at) + 1) words[count++] = at;
    for (int i = 0; i < segment_count; i++) memcpy(segments[i].live, segments[i].fresh, segments[i].size);
    put_on_input(request + size, sizes[1]);
    if (chdir(words[0]) || ftruncate(output_fd, 0) || lseek(output_fd, 0, SEEK_SET)) _exit(1);
    dup2(output_fd, STDOUT_FILENO);
    in_main = 1;
    if (!setjmp(after_main)) exit_code = dmsetup_main(count - 1, words + 1, envp);
    in_main = 0;
    if (library_exit) library_exit();
    fflush(stdout);
    for (int fd = 3; fd < first_fd_kept; fd++) close(fd);
    answer();
    free(words);
    free(request);
  }
}

int __libc_start_main(Main* main_, int argc, char** argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void* stack_end) {
  int (*start)(Main*, int, char**, void (*)(void), void (*)(void), void (*)(void), void*) =
      dlsym(RTLD_NEXT, "__libc_start_main");
  dmsetup_main = main_;
  return start(serve, argc, argv, init, fini, rtld_fini, stack_end);
}
