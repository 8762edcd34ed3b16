import Glibc

/// Runs a body for every index below a count, each on a thread of its own, and returns when all are done.
///
/// The first index runs on the calling thread, so that a count of one costs nothing. Results must be put in places that
/// belong to the index alone; then nothing depends on the number of threads.
package func parallelLoop(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  var threads: [pthread_t] = []
  for index in 1..<max(count, 1) {
    let task = Unmanaged.passRetained(ThreadTask(index: index, body: body))
    var thread = pthread_t()
    let status = pthread_create(&thread, nil, runThreadTask, task.toOpaque())
    if status == 0 {
      threads.append(thread)
    } else {
      task.release()
      body(index)
    }
  }
  if count > 0 { body(0) }
  for thread in threads { pthread_join(thread, nil) }
}

/// The number of cores that are online.
package var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

private final class ThreadTask {
  let index: Int
  let body: @Sendable (Int) -> Void

  init(index: Int, body: @escaping @Sendable (Int) -> Void) {
    self.index = index
    self.body = body
  }
}

private func runThreadTask(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let task = Unmanaged<ThreadTask>.fromOpaque(argument!).takeRetainedValue()
  task.body(task.index)
  return nil
}

/// One place for the result of each thread of a parallel loop.
package final class ThreadSlots<Value>: @unchecked Sendable {
  // Sendable is unchecked because of the pointer: each thread writes its own place only.
  private let places: UnsafeMutablePointer<Value?>
  private let count: Int

  package init(count: Int) {
    self.count = count
    places = .allocate(capacity: count)
    places.initialize(repeating: nil, count: count)
  }

  deinit {
    places.deinitialize(count: count)
    places.deallocate()
  }

  /// The result of one thread.
  package subscript(index: Int) -> Value? {
    get { places[index] }
    set { places[index] = newValue }
  }
}
