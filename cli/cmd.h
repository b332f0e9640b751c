/*
 * cmd.h: one function a command; argv[0] is the command's name. Each returns the exit status of the program.
 */
#ifndef EX_CMD_H
#define EX_CMD_H

int ex_cmd_run(int argc, char **argv);
int ex_cmd_report(int argc, char **argv);
int ex_cmd_diagnose(int argc, char **argv);
int ex_cmd_gdb(int argc, char **argv);
int ex_cmd_rerun(int argc, char **argv);
int ex_cmd_compare(int argc, char **argv);
int ex_cmd_scan(int argc, char **argv);
int ex_cmd_doctor(int argc, char **argv);
int ex_cmd_env(int argc, char **argv);

#endif
