import ArgumentParser
import Glibc

/// A command that ends with a message on standard error and an exit code of the contract.
struct CommandFailure: Error {
  /// The exit code.
  let code: ExitCode
  /// One or more lines for standard error.
  let message: String

  init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension ExitCode {
  /// A randomisation or data check failed under `--strict`.
  static let checkFailed = ExitCode(3)
  /// A model that the plan requires has no usable fit.
  static let noUsableFit = ExitCode(4)
  /// Results differ from the reference.
  static let resultsDiffer = ExitCode(5)
  /// A command line that cannot be carried out as written.
  static let usage = ExitCode(64)
  /// Bad data, codebook or plan.
  static let badData = ExitCode(65)
  /// An input that does not exist or cannot be read.
  static let noInput = ExitCode(66)
  /// A fault of hekta's own.
  static let internalError = ExitCode(70)
  /// An output that cannot be created.
  static let cannotCreate = ExitCode(73)
  /// An output that cannot be written to the end.
  static let writeError = ExitCode(74)
}

/// The standard streams: results on standard output, everything else on standard error.
enum Terminal {
  /// True where a person watches standard error.
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 && getenv("TERM") != nil }

  /// Ends with exit code 66 where a folder is not there.
  static func requireFolder(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw CommandFailure(.noInput, "\(path): no such folder")
    }
  }

  /// Writes text to standard output as it is.
  static func print(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes a line to standard error.
  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Writes an error's lines to standard error, the first after the program's name.
  static func error(_ text: String) { note("hekta: " + text) }

  /// Replaces the current line of an interactive standard error; silent otherwise.
  static func progress(_ text: String) {
    guard isInteractive else { return }
    write("\r\u{1b}[2K" + text, to: STDERR_FILENO)
  }

  /// Writes text; see `write(_:to:)`.
  static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { write($0, to: descriptor) }
  }

  /// Writes bytes to standard output as they are.
  static func print(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { write($0, to: STDOUT_FILENO) } }

  /// Writes every byte, in spite of interruptions and partial writes; a closed pipe ends the program quietly.
  private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) {
    var written = 0
    while written < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
      if count > 0 {
        written += count
      } else if errno != EINTR {
        let reason = errno
        if reason == EPIPE { _exit(0) }
        if descriptor == STDOUT_FILENO { error("standard output: \(String(cString: strerror(reason)))") }
        _exit(ExitCode.writeError.rawValue)
      }
    }
  }
}
