// Four goroutines recover from a null pointer 25000 times each. cgo only makes the program a dynamic one.
package main

// #include <stdlib.h>
import "C"
import "fmt"

type t struct{ pad [8]int }

func once(p *t) (ok bool) {
	defer func() { ok = recover() != nil }()
	p.pad[3] = 1
	return
}
func main() {
	caught := 0
	done := make(chan int)
	for g := 0; g < 4; g++ {
		go func() {
			n := 0
			for i := 0; i < 25000; i++ {
				if once(nil) {
					n++
				}
			}
			done <- n
		}()
	}
	for g := 0; g < 4; g++ {
		caught += <-done
	}
	fmt.Println(caught)
}
