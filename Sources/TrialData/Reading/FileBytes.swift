import Glibc

/// The bytes of a file, mapped or read once, and never changed.
///
/// Large regular files are mapped, so that columns nobody asks for are only scanned; small ones and pipes are read.
final class FileBytes: @unchecked Sendable {
  // Sendable is unchecked because of the pointer; the bytes are written before `init` returns and never again.
  let base: UnsafePointer<UInt8>
  let count: Int
  private let isMapped: Bool
  private let release: () -> Void

  /// From this size on a file is mapped; below it one read is cheaper than the page faults.
  private static let mappedSize = 1 << 18

  /// - Throws: `DataError` of kind `noSuchInput` where the file is absent, a directory or unreadable.
  init(path: String) throws(DataError) {
    func failure(_ found: String) -> DataError {
      DataError(
        [DataProblem(file: path, found: found, expected: "a readable file expected")], kind: .noSuchInput)
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw failure(errno == ENOENT ? "no such file" : String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(String(cString: strerror(errno))) }
    if status.st_mode & S_IFMT == S_IFDIR { throw failure("a directory") }
    let size = Int(status.st_size)
    if status.st_mode & S_IFMT == S_IFREG, size >= Self.mappedSize,
      let mapped = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), mapped != MAP_FAILED
    {
      madvise(mapped, size, MADV_SEQUENTIAL)
      base = UnsafePointer(mapped.assumingMemoryBound(to: UInt8.self))
      count = size
      isMapped = true
      let address = UInt(bitPattern: mapped)
      release = { munmap(UnsafeMutableRawPointer(bitPattern: address), size) }
      return
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + 1)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = read(descriptor, &buffer, buffer.count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw failure(String(cString: strerror(errno))) }
      if got == 0 { break }
      bytes.append(contentsOf: buffer[..<got])
    }
    isMapped = false
    (base, count, release) = Self.owned(bytes)
  }

  /// Takes over bytes that are already in memory.
  init(_ bytes: [UInt8]) {
    isMapped = false
    (base, count, release) = Self.owned(bytes)
  }

  deinit { release() }

  /// The bytes; valid only while the caller holds this object.
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  /// Lets go of the memory of a stretch, if it is mapped: who looks there again reads it from the file once more.
  func forget(_ range: Range<Int>) {
    guard isMapped else { return }
    let page = 4096
    let first = (range.lowerBound + page - 1) / page * page
    let last = range.upperBound / page * page
    if first < last { madvise(UnsafeMutableRawPointer(mutating: base + first), last - first, MADV_DONTNEED) }
  }

  private static func owned(_ bytes: [UInt8]) -> (UnsafePointer<UInt8>, Int, () -> Void) {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { copy.initialize(from: start, count: source.count) }
    }
    let address = UInt(bitPattern: copy)
    return (
      UnsafePointer(copy), bytes.count, { UnsafeMutablePointer<UInt8>(bitPattern: address)?.deallocate() }
    )
  }
}
