import Glibc

/// A directory of results that appears whole or not at all.
///
/// Files are written into a directory beside the final place; `commit()` puts that in its place with one rename (exchanging
/// it with an earlier one). Until then the final place is untouched; an output that is never committed removes itself. What a
/// killed process left aside is removed by the next that opens the same output: a process holds the lock of its directory
/// while it lives.
public final class OutputDirectory {
  /// The final place.
  public let path: String
  private let aside: String
  /// Open on the directory aside, whose lock it holds; negative where the file system has no locks.
  private let lock: Int32
  private var isOpen = true

  /// Opens an output.
  ///
  /// - Parameters:
  ///   - replacing: true to replace a directory that is there and not empty.
  ///   - tidying: false to leave what killed processes left, where the caller removes that for many outputs at once.
  /// - Throws: `OutputError` (exit code 73) where the place is taken or cannot be written to.
  public init(_ path: String, replacing: Bool, tidying: Bool = true) throws(OutputError) {
    self.path = path
    let (directory, name) = AtomicOutput.split(path)
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw OutputError(path: path, reason: "a file of that name exists", exitCode: 73)
      }
      if !replacing, !FolderContents.names(of: path).isEmpty {
        throw OutputError(
          path: path, reason: "the directory exists and is not empty (--force replaces it)", exitCode: 73)
      }
    }
    if tidying { Self.removeStale(".\(name).partial-", in: directory) }
    (aside, lock) = try Self.makeAside("\(directory)/.\(name).partial-", for: path)
  }

  deinit {
    discard()
    if lock >= 0 { close(lock) }
  }

  // MARK: Aside

  /// Makes a directory and locks it.
  private static func makeAside(
    _ prefix: String, for path: String
  ) throws(OutputError) -> (path: String, lock: Int32) {
    while true {
      var template = Array("\(prefix)XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { throw OutputError.last(path, creating: true) }
      let aside = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let descriptor = open(aside, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      if descriptor >= 0 {
        let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        let isTaken = !isLocked && errno == EWOULDBLOCK
        // Another process may have taken the directory for a leftover before it was locked.
        if !isTaken, isDirectory(aside, of: descriptor) {
          if isLocked { return (aside, descriptor) }
          close(descriptor)
          return (aside, -1)
        }
        close(descriptor)
      } else if errno != ENOENT {
        return (aside, -1)
      }
    }
  }

  /// True where a path leads to the directory that a descriptor is open on.
  private static func isDirectory(_ path: String, of descriptor: Int32) -> Bool {
    var (named, opened) = (stat(), stat())
    return lstat(path, &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_dev == opened.st_dev
      && named.st_ino == opened.st_ino
  }

  /// Removes directories aside that no process holds; but not an earlier output that is being replaced, which may be all
  /// that there is of it.
  private static func removeStale(_ prefix: String, in directory: String) {
    for name in FolderContents.names(of: directory) where name.hasPrefix(prefix) && !name.hasSuffix("-old") {
      let path = "\(directory)/\(name)"
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { FolderContents.remove(path) }
      close(descriptor)
    }
  }

  /// Writes a file below the directory, making the directories between.
  ///
  /// - Parameter relative: its path below the directory, such as `tables/flow.csv`.
  public func write(
    _ bytes: some Collection<UInt8>, to relative: String
  ) throws(OutputError) {
    let parts = relative.split(separator: "/").map(String.init)
    precondition(isOpen && !parts.isEmpty && !parts.contains(".."), "a path outside the output: \(relative)")
    var directory = aside
    for part in parts.dropLast() {
      directory += "/" + part
      guard mkdir(directory, AtomicOutput.directoryMode) == 0 || errno == EEXIST else {
        throw OutputError.last("\(path)/\(relative)", creating: true)
      }
    }
    try AtomicOutput.writeFile(
      bytes, at: "\(directory)/\(parts.last!)", named: "\(path)/\(relative)")
  }

  /// Writes a text as UTF-8.
  public func write(_ text: String, to relative: String) throws(OutputError) {
    try write(Array(text.utf8), to: relative)
  }

  /// A path on disk for a file that a library writes by itself (a database), to be written before `commit()`.
  public func path(for relative: String) -> String { "\(aside)/\(relative)" }

  /// Puts the directory in its final place.
  public func commit() throws(OutputError) {
    precondition(isOpen, "an output committed twice")
    if rename(aside, path) == 0 {
      isOpen = false
      return
    }
    guard errno == EEXIST || errno == ENOTEMPTY else { throw OutputError.last(path, creating: true) }
    // One exchange where the system can do that; else two renames, the only moment without either.
    if !Self.exchange(aside, path) {
      let old = aside + "-old"
      guard rename(path, old) == 0 else { throw OutputError.last(path, creating: true) }
      guard rename(aside, path) == 0 else {
        let error = OutputError.last(path, creating: true)
        rename(old, path)
        throw error
      }
      isOpen = false
      FolderContents.remove(old)
      return
    }
    discard()
  }

  /// Drops everything written.
  public func discard() {
    guard isOpen else { return }
    isOpen = false
    FolderContents.remove(aside)
  }

  /// Swaps two directories in one step by `renameat2` with `RENAME_EXCHANGE`, which the C library has and the Swift import
  /// of its headers has not.
  private static func exchange(_ a: String, _ b: String) -> Bool {
    guard let symbol = dlsym(nil, "renameat2") else { return false }
    typealias Renameat2 =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32
    return unsafeBitCast(symbol, to: Renameat2.self)(AT_FDCWD, a, AT_FDCWD, b, 2) == 0
  }
}
