// Handlers of the JVM's: null pointers 200000 times, stacks that overflow, safepoints under four threads that run.
public class Faults {
	int field;
	static int deep(int n) { return deep(n + 1) + 1; }
	static int use(Faults f) { return f.field; }
	public static void main(String[] args) throws Exception {
		int caught = 0, overflows = 0;
		for (int i = 0; i < 200000; i++)
			try { use(null); } catch (NullPointerException e) { caught++; }
		for (int i = 0; i < 20; i++)
			try { deep(0); } catch (StackOverflowError e) { overflows++; }
		Thread[] all = new Thread[4];
		long[] sums = new long[4];
		for (int t = 0; t < 4; t++) {
			int me = t;
			all[t] = new Thread(() -> { for (int i = 0; i < 20000000; i++) sums[me] += i % 7; });
			all[t].start();
		}
		for (int i = 0; i < 20; i++) System.gc();
		for (Thread t : all) t.join();
		System.out.println(caught + " " + overflows + " " + (sums[0] + sums[1] + sums[2] + sums[3]));
	}
}
