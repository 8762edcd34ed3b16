import Glibc
import TrialData

/// A program that is run to its end.
public enum ChildProcess {
  public struct Result: Sendable {
    /// What it wrote on standard output.
    public var output: String
    /// Its exit code, or 128 plus the signal that ended it.
    public var status: Int
  }

  /// Runs a program found on the path; its standard error is this program's.
  ///
  /// - Throws: `OutputError` where it cannot be started.
  public static func run(_ program: String, _ arguments: [String]) throws(OutputError) -> Result {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw failure(program, errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    var pid: pid_t = 0
    let status = posix_spawnp(&pid, program, &actions, nil, &words, environ)
    for word in words { free(word) }
    posix_spawn_file_actions_destroy(&actions)
    close(ends[1])
    defer { close(ends[0]) }
    guard status == 0 else { throw failure(program, status) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &buffer, buffer.count)
      if count > 0 { bytes += buffer[..<count] } else if count == 0 || errno != EINTR { break }
    }
    var code: Int32 = 0
    while waitpid(pid, &code, 0) < 0, errno == EINTR {}
    let signal = code & 0x7f
    return Result(
      output: String(decoding: bytes, as: UTF8.self),
      status: signal == 0 ? Int(code >> 8) & 0xff : 128 + Int(signal))
  }

  private static func failure(_ program: String, _ code: Int32) -> OutputError {
    OutputError(path: program, reason: String(cString: strerror(code)), exitCode: 74)
  }
}
