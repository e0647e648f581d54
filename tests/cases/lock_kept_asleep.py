"""Sleep with a lock held, in three threads that share it; run as a program."""

import threading
import time

lock = threading.Lock()


def work(until):
    while time.monotonic() < until:
        with lock:
            time.sleep(0.01)


if __name__ == "__main__":
    threads = [threading.Thread(target=work, args=(time.monotonic() + 3,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
