/* The program is gateway/cli: see cli.h for its commands, and docs/architecture.md for the map. */
#include "cli/cli.h"

#include "common/banned.h"

int main(int argc, char **argv)
{
    return sg_cli_main(argc, argv);
}
