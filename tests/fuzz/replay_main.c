/* replay_main.c - runs a fuzz target over the files of its corpus, as an ordinary test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SG_REPLAY_MAX = 1 << 20 };

static int replay(const char *folder, const char *name)
{
    char path[4096];
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return 1;
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(SG_REPLAY_MAX);
    if (file == NULL || data == NULL) {
        free(data);
        return 1;
    }
    size_t size = fread(data, 1, SG_REPLAY_MAX, file);
    (void)fclose(file);
    /* An exact allocation, so that a read past the end is seen by the sanitizer. */
    uint8_t *exact = realloc(data, size > 0 ? size : 1);
    if (exact == NULL) {
        free(data);
        return 1;
    }
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            (void)fprintf(stderr, "no corpus at %s\n", argv[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            if (entry->d_name[0] == '.')
                continue;
            if (replay(argv[i], entry->d_name) != 0) {
                (void)fprintf(stderr, "cannot read %s/%s\n", argv[i], entry->d_name);
                (void)closedir(folder);
                return 1;
            }
            count++;
        }
        (void)closedir(folder);
    }
    (void)printf("%d inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
