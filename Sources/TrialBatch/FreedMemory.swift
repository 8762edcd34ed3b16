import Glibc

/// What the allocator does with memory that is freed.
enum FreedMemory {
  /// Keeps it in the process, for work that frees and asks for the same again thousands of times: given back to the kernel it
  /// would be filled with zeros at every turn anew.
  static func keep() { _ = isKept }

  private static let isKept: Bool = {
    // `mallopt` of glibc's malloc.h, which Swift's module of glibc leaves out.
    guard let symbol = dlsym(nil, "mallopt") else { return false }
    let option = unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
    let (trimThreshold, topPad, mmapThreshold): (CInt, CInt, CInt) = (-1, -2, -3)
    return option(mmapThreshold, 32 << 20) & option(trimThreshold, 256 << 20) & option(topPad, 1 << 20) == 1
  }()
}
