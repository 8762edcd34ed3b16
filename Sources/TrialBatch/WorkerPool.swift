import Glibc
import LinearAlgebra
import Synchronization
import TrialData

/// Runs cells in processes of their own: a cell that crashes or runs out of memory is one failed cell.
///
/// Each worker is this program again, told by a line on its standard input which cell to run; it answers with a line when the
/// cell's folder is in place. A worker that lives serves many cells, so that a cell costs its analysis and not a start.
public struct WorkerPool: Sendable {
  /// How far a batch has come.
  public struct Progress: Sendable {
    public var done: Int
    public var failed: Int
    public var count: Int
    /// The seconds since the first cell began.
    public var elapsed: Double

    /// The seconds left if the cells that remain take as long as those that are done; nil before there is a basis.
    public var remaining: Double? {
      done >= 3 && elapsed > 0 ? elapsed / Double(done) * Double(count - done) : nil
    }
  }

  private let directory: BatchDirectory
  private let program: String
  private let arguments: [String]

  /// - Parameters:
  ///   - directory: the batch's folder.
  ///   - program: the path of the program that works.
  ///   - arguments: its arguments; it must then call `serve(_:)`.
  public init(_ directory: BatchDirectory, program: String, arguments: [String]) {
    self.directory = directory
    self.program = program
    self.arguments = arguments
  }

  /// The path of the running program.
  public static var ownProgram: String {
    guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(path) }
    return String(cString: path)
  }

  /// Runs cells until all are finished.
  ///
  /// - Parameters:
  ///   - cells: their places in the batch.
  ///   - jobs: how many run at a time.
  ///   - progress: told after each cell.
  /// - Throws: `OutputError` where a worker cannot be started or a cell's folder cannot be written.
  public func run(
    _ cells: [Int], jobs: Int, progress: @escaping @Sendable (Progress) -> Void
  ) throws(OutputError) {
    let next = Atomic<Int>(0)
    let done = Mutex<(done: Int, failed: Int)>((0, 0))
    let fault = Mutex<OutputError?>(nil)
    let start = Self.now()
    parallelLoop(max(1, min(jobs, cells.count))) { _ in
      var worker: Worker?
      defer { worker?.finish() }
      while fault.withLock({ $0 == nil }) {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < cells.count else { return }
        do throws(OutputError) {
          try complete(cells[index], &worker)
        } catch {
          fault.withLock { $0 = $0 ?? error }
          return
        }
        let failed = directory.outcome(of: directory.batch.cells[cells[index]])?.isFailure ?? true
        done.withLock { state in
          state.done += 1
          if failed { state.failed += 1 }
          progress(
            Progress(
              done: state.done, failed: state.failed, count: cells.count, elapsed: Self.now() - start))
        }
      }
    }
    if let fault = fault.withLock({ $0 }) { throw fault }
  }

  /// Has a worker carry out a cell; where the worker dies of it, once more, and then the cell has failed.
  private func complete(_ cell: Int, _ worker: inout Worker?) throws(OutputError) {
    var death: Int32 = 0
    for _ in 0..<2 {
      let current: Worker
      if let worker { current = worker } else { current = try Worker(program, arguments) }
      worker = current
      if current.complete(cell) { return }
      death = current.finish()
      worker = nil
      // A worker that ends by itself could not write: another would not either.
      if death & 0x7f == 0 {
        throw OutputError(
          path: directory.path, reason: "a worker ended with code \(death >> 8)", exitCode: 74)
      }
    }
    let signal = death & 0x7f
    do {
      try CellRun.fail(
        directory.batch.cells[cell], in: directory,
        reason: "ended twice by signal \(signal) (\(String(cString: strsignal(signal))))")
    } catch {
      throw error as? OutputError ?? OutputError(path: directory.path, reason: "\(error)", exitCode: 74)
    }
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  // MARK: The worker's side

  /// Reads the places of cells from standard input, one a line, and answers each on standard output when it is finished.
  ///
  /// - Throws: `OutputError` where a cell's folder cannot be written.
  public static func serve(_ directory: BatchDirectory) throws {
    while let line = readLine() {
      guard let place = Int(line), directory.batch.cells.indices.contains(place) else { return }
      try CellRun.run(directory.batch.cells[place], in: directory)
      guard Glibc.write(STDOUT_FILENO, "+", 1) == 1 else { return }
    }
  }
}

/// A process that carries cells out one after another.
private final class Worker {
  private var pid: pid_t = 0
  private let input: Int32
  private let output: Int32
  private var isRunning = true

  // Descriptors made while another thread starts a process would be open in that process too.
  private static let starting = Mutex<Void>(())

  init(_ program: String, _ arguments: [String]) throws(OutputError) {
    var toWorker: [Int32] = [-1, -1]
    var fromWorker: [Int32] = [-1, -1]
    var pid: pid_t = 0
    let status = Self.starting.withLock { _ -> Int32 in
      guard pipe(&toWorker) == 0, pipe(&fromWorker) == 0 else { return errno }
      for descriptor in toWorker + fromWorker { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_adddup2(&actions, toWorker[0], STDIN_FILENO)
      posix_spawn_file_actions_adddup2(&actions, fromWorker[1], STDOUT_FILENO)
      var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
      defer { for word in words { free(word) } }
      let status = posix_spawn(&pid, program, &actions, nil, &words, environ)
      close(toWorker[0])
      close(fromWorker[1])
      return status
    }
    guard status == 0 else {
      throw OutputError(path: program, reason: String(cString: strerror(status)), exitCode: 74)
    }
    self.pid = pid
    input = toWorker[1]
    output = fromWorker[0]
  }

  /// Has a cell carried out; false where the process died instead.
  func complete(_ cell: Int) -> Bool {
    let line = Array("\(cell)\n".utf8)
    guard Glibc.write(input, line, line.count) == line.count else { return false }
    var answer: UInt8 = 0
    while true {
      let count = read(output, &answer, 1)
      if count == 1 { return true }
      if count == 0 || errno != EINTR { return false }
    }
  }

  /// Ends the process and gives its status as `waitpid` does.
  @discardableResult
  func finish() -> Int32 {
    guard isRunning else { return 0 }
    isRunning = false
    close(input)
    close(output)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status
  }
}
