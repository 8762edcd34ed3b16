import Glibc

/// An output that could not be written.
public struct OutputError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file or directory, as the caller named it.
  public let path: String
  /// What stood in the way.
  public let reason: String
  /// 73 where an output cannot be created, 74 where writing it failed.
  public let exitCode: Int32

  public init(path: String, reason: String, exitCode: Int32) {
    self.path = path
    self.reason = reason
    self.exitCode = exitCode
  }

  public var description: String { "\(path): \(reason)" }

  /// An output error from the C library's last one.
  static func last(_ path: String, creating: Bool) -> OutputError {
    OutputError(path: path, reason: String(cString: strerror(errno)), exitCode: creating ? 73 : 74)
  }
}

/// Writes files so that a reader sees the old contents or the new, never a part: written aside, synchronised, renamed.
///
/// Whatever the umask, only the owner may read them: even a table of counts may hold a cell that is nobody else's business until
/// a person has looked at it.
public enum AtomicOutput {
  /// Read and write for the owner.
  static let fileMode: mode_t = 0o600
  /// A folder for the owner.
  static let directoryMode: mode_t = 0o700

  /// Makes a folder for the owner alone, where there is none yet.
  ///
  /// - Throws: `OutputError`.
  public static func makeDirectory(_ path: String) throws(OutputError) {
    guard mkdir(path, directoryMode) == 0 || errno == EEXIST else {
      throw OutputError.last(path, creating: true)
    }
  }

  /// Writes a file whole or not at all, replacing an earlier one.
  ///
  /// - Throws: `OutputError`; nothing is left behind then.
  public static func write(_ bytes: some Collection<UInt8>, to path: String) throws(OutputError) {
    let (directory, name) = split(path)
    let aside = "\(directory)/.\(name).partial-\(getpid())"
    try writeFile(bytes, at: aside, named: path)
    guard rename(aside, path) == 0 else {
      let error = OutputError.last(path, creating: true)
      unlink(aside)
      throw error
    }
  }

  /// Writes a text as UTF-8; see `write(_:to:)`.
  public static func write(_ text: String, to path: String) throws(OutputError) {
    try write(Array(text.utf8), to: path)
  }

  /// The directory and the last component of a path.
  static func split(_ path: String) -> (directory: String, name: String) {
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return (".", String(trimmed)) }
    let directory = trimmed[..<slash]
    return (directory.isEmpty ? "/" : String(directory), String(trimmed[trimmed.index(after: slash)...]))
  }

  /// Writes and synchronises a new file; removes it where that fails.
  static func writeFile(
    _ bytes: some Collection<UInt8>, at path: String, named shown: String
  ) throws(OutputError) {
    // A leftover of a process that was killed may carry another mode, and the umask may take rights away.
    unlink(path)
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, fileMode)
    guard descriptor >= 0 else { throw OutputError.last(shown, creating: true) }
    var failure: OutputError?
    if !writeAll(bytes, to: descriptor) || fsync(descriptor) != 0 {
      failure = OutputError.last(shown, creating: false)
    }
    if close(descriptor) != 0, failure == nil { failure = OutputError.last(shown, creating: false) }
    if let failure {
      unlink(path)
      throw failure
    }
  }

  private static func writeAll(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
    let array = bytes as? [UInt8] ?? Array(bytes)
    return array.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let wrote = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if wrote < 0 {
          if errno == EINTR { continue }
          return false
        }
        done += wrote
      }
      return true
    }
  }
}
