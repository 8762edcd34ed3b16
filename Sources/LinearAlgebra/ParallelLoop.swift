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

/// Sums over rows: each block of rows adds its own to a zeroed vector, and the vectors are added in the order of the rows.
///
/// The result does not depend on the number of threads, since the blocks do not.
///
/// - Parameters:
///   - block: the rows of a block.
///   - width: the number of sums.
///   - body: adds a block's sums; it may write what belongs to its rows alone.
package func sumsOverBlocks(
  rows: Int, block: Int, width: Int,
  _ body: @escaping @Sendable (Range<Int>, UnsafeMutablePointer<Double>) -> Void
) -> [Double] {
  let count = (rows + block - 1) / block
  if count <= 1 {
    var sums = [Double](repeating: 0, count: width)
    if rows > 0 { sums.withUnsafeMutableBufferPointer { body(0..<rows, $0.baseAddress!) } }
    return sums
  }
  let parts = ThreadSlots<[Double]>(count: count)
  let queue = BlockQueue(count: count)
  // A thread costs some tens of microseconds: a few blocks are left to the calling one.
  parallelLoop(max(1, min(coreCount, count / 2))) { _ in
    while let k = queue.next() {
      var part = [Double](repeating: 0, count: width)
      part.withUnsafeMutableBufferPointer { body(k * block..<min((k + 1) * block, rows), $0.baseAddress!) }
      parts[k] = part
    }
  }
  var sums = [Double](repeating: 0, count: width)
  for k in 0..<count {
    let part = parts[k]!
    for i in 0..<width { sums[i] += part[i] }
  }
  return sums
}

/// The number of cores that were online when it was first asked for; glibc reads a file of the kernel's at each question.
package let coreCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

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
///
/// Inlinable, so that each kind of result has code of its own: a small fit makes dozens of these.
package final class ThreadSlots<Value>: @unchecked Sendable {
  // Sendable is unchecked because of the pointer: each thread writes its own place only.
  @usableFromInline let places: UnsafeMutablePointer<Value?>
  @usableFromInline let count: Int

  @inlinable
  package init(count: Int) {
    self.count = count
    places = .allocate(capacity: count)
    places.initialize(repeating: nil, count: count)
  }

  @inlinable
  deinit {
    places.deinitialize(count: count)
    places.deallocate()
  }

  /// The result of one thread.
  package subscript(index: Int) -> Value? {
    @inlinable get { places[index] }
    @inlinable set { places[index] = newValue }
  }
}
