#!/usr/bin/env python3
"""sample.py c FUNCTIONS FILE: a C file of that many functions, for materialize.
sample.py c++ FOLDER UNITS INSTANCES: template-heavy C++ files that call each other, for a link with ThinLTO.

The same numbers give the same text. It stands for nothing: what counts is that LLVM needs memory for it in small blocks.
"""
import os
import random
import sys

STATEMENTS = [
    "sum += node->weight * {real:.4f} + sin(sum);",
    "if (key % {small} == 0) {{ node = node->next; key += node->slots[{slot}]; }}",
    "for (long n = 0; n < key; n++) sum = sum * 1.5 + (double)node->slots[n % 6];",
    "node = (struct node *)elsewhere(node, key ^ {large});",
    "switch (key & 7) {{ case 1: sum += 1; break; case 2: sum -= cos(x); break; case 5: key *= 3; default: key ^= node->id; }}",
    "sum += (double)(key * {small}) / x; node->id = key;",
]


def statement(draw):
    return draw.choice(STATEMENTS).format(real=draw.random(), small=draw.randrange(3, 99), slot=draw.randrange(6),
                                          large=draw.randrange(1, 9999))


def write_c(count, path):
    draw = random.Random(1)
    with open(path, "w") as out:
        print("struct node { long id; double weight; struct node *next; long slots[6]; };", file=out)
        print("double sin(double), cos(double);\nvoid *elsewhere(void *, long);", file=out)
        for number in range(count):
            print(f"double part{number}(struct node *node, long key, double x)\n{{\n\tdouble sum = x;", file=out)
            for _ in range(14):
                print("\t" + statement(draw), file=out)
            if number:
                print(f"\tsum += part{draw.randrange(number)}(node, key, sum);", file=out)
            print("\treturn sum;\n}", file=out)


HEAD = """\
struct Node { long id; double weight; Node *next; long slots[6]; };
double sin(double), cos(double);
Node *elsewhere(Node *, long);
template <int N> struct Part {
	static double walk(Node *node, long key, double x);
	template <class T> static T fold(Node *node, T sum)
	{
		for (; node && sum != T(N); node = node->next)
			sum += T(node->slots[N % 6]) * T(N + 1) - T(node->weight);
		return sum;
	}
};
"""


def write_cpp(folder, units, instances):
    draw = random.Random(1)
    os.makedirs(folder, exist_ok=True)
    for unit in range(units):
        with open(f"{folder}/unit{unit}.cpp", "w") as out:
            print(HEAD, file=out)
            print("template <int N> double Part<N>::walk(Node *node, long key, double x)\n{\n\tdouble sum = x;", file=out)
            print("\tkey += fold<int>(node, N) + fold<long>(node, key);\n\tsum += fold<float>(node, 1) + fold(node, sum);", file=out)
            for _ in range(30):
                print("\t" + statement(draw).replace("struct node", "Node"), file=out)
            print("\tif constexpr (N % 100)\n\t\tsum += Part<N - 1>::walk(node, key + N, sum);", file=out)
            print("\treturn sum;\n}", file=out)
            print(f"double unit{(unit + 1) % units}(Node *, long);\ndouble unit{unit}(Node *node, long key)\n{{", file=out)
            print(f"\tdouble sum = key < 0 ? unit{(unit + 1) % units}(node, key + 1) : 0;", file=out)
            for last in range(99, instances, 100):
                print(f"\tsum += Part<{unit * instances + last}>::walk(node, key, sum);", file=out)
            print("\treturn sum;\n}", file=out)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["c", functions, path]:
            write_c(int(functions), path)
        case ["c++", folder, units, instances]:
            write_cpp(folder, int(units), int(instances))
        case _:
            sys.exit(__doc__)
