/* expect: whatever. The heap of a C++ program misused, by its first argument: new[] and delete[], objects, containers.
 * Prints "done" at the end */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#define NOINLINE __attribute__((noinline))

template <typename T> NOINLINE static T *hide(T *p)
{
	T *volatile hidden = p;
	return hidden;
}
NOINLINE static void store(void *at, size_t bytes)
{
	volatile char *p = static_cast<char *>(at);
	while (bytes--)
		*p++ = 'x';
}
struct Shape {
	virtual ~Shape();
	virtual int sides() const;
	int number = 4;
	char name[36] = "shape";
};
Shape::~Shape() = default;
int Shape::sides() const
{
	return number;
}
NOINLINE static int count(const Shape *shape)
{
	return hide(shape)->number;
}

static void over_array()
{
	int *numbers = hide(new int[22]);
	numbers[22] = 7;
	delete[] hide(numbers);
}
static void over_object()
{
	Shape *shape = hide(new Shape);
	store(shape->name + sizeof(shape->name), 8);
	delete hide(shape);
}
static void over_sized()
{
	char *bytes = hide(static_cast<char *>(::operator new(100)));
	store(bytes + 100, 1);
	::operator delete(hide(bytes), 100);
}
static void over_aligned()
{
	char *bytes = hide(static_cast<char *>(::operator new(128, std::align_val_t(64))));
	store(bytes + 128, 3);
	::operator delete(hide(bytes), std::align_val_t(64));
}
static void over_vector()
{
	std::vector<int> numbers(10);
	numbers.shrink_to_fit();
	hide(numbers.data())[10] = 1;
}
static void over_string()
{
	std::string text(40, 'a');
	store(hide(&text[0]) + text.capacity() + 1, 1);
}
static void under_array()
{
	Shape *shapes = hide(new Shape[3]);
	long kept;
	memcpy(&kept, reinterpret_cast<char *>(shapes) - 24, sizeof(kept));
	store(reinterpret_cast<char *>(shapes) - 24, 8);
	memcpy(reinterpret_cast<char *>(shapes) - 24, &kept, sizeof(kept));
	delete[] hide(shapes);
}
static void used_object()
{
	Shape *shape = hide(new Shape);
	delete hide(shape);
	if (count(shape) == 99)
		puts("99");
}
static void used_iterator()
{
	std::vector<long> numbers(16, 1);
	long *first = hide(&numbers[0]);
	numbers.resize(4096);
	store(first, 8);
}
static void used_shared()
{
	auto owner = std::make_shared<Shape>();
	Shape *shape = hide(owner.get());
	owner.reset();
	store(shape->name, 4);
}
static void twice_object()
{
	long *number = hide(new long[30]);
	delete[] hide(number);
	delete[] hide(number);
}
static void twice_owners()
{
	Shape *shape = hide(new Shape);
	std::unique_ptr<Shape> one(shape);
	std::unique_ptr<Shape> *other = hide(new std::unique_ptr<Shape>(hide(shape)));
	(void)other->release();
	char *raw = reinterpret_cast<char *>(one.release());
	::operator delete(hide(raw));
	::operator delete(hide(raw));
	delete other;
}
/* one object of an array: the block begins below it */
static void array_as_one()
{
	Shape *shapes = hide(new Shape[3]);
	delete hide(shapes);
}
/* wrong, and harmless with every allocator here: there is nothing to see */
static void mismatched()
{
	int *numbers = hide(new int[8]);
	free(hide(numbers));
}
static void sound()
{
	std::vector<std::string> texts;
	for (int i = 0; i < 1000; i++)
		texts.emplace_back(std::string(static_cast<size_t>(i % 70), 'b'));
	std::unique_ptr<Shape[]> shapes(new Shape[5]);
	auto shared = std::make_shared<Shape>();
	::operator delete(hide(static_cast<char *>(::operator new(1000))), 1000);
	if (shapes[2].sides() + shared->sides() != 8)
		puts("not 8");
}

static const struct {
	const char *name;
	void (*run)();
} ways[] = {
	{"array", over_array},		{"object", over_object},       {"sized", over_sized},
	{"aligned", over_aligned},	{"vector", over_vector},       {"string", over_string},
	{"under-array", under_array},	{"uaf-object", used_object},   {"uaf-iterator", used_iterator},
	{"uaf-shared", used_shared},	{"twice-array", twice_object}, {"twice-owners", twice_owners},
	{"array-as-one", array_as_one}, {"mismatched", mismatched},    {"sound", sound},
};

int main(int argc, char **argv)
{
	for (const auto &way : ways)
		for (int n = 0; n < 3 && argc > 1 && !strcmp(argv[1], way.name); n++)
			way.run();
	puts("done");
	return 0;
}
