/// The distinct ones among a few short texts, found by sorting numbers.
///
/// Up to seven ASCII characters fit into one number whose order is that of the texts. For the identifiers of a trial's
/// tables this is several times faster than looking up every text; beyond some thousand rows it is not.
struct ShortTexts {
  /// For each row the place of its text among the levels; −1 where it is missing.
  let codes: [Int32]
  /// The distinct texts by Unicode scalar.
  let levels: [String]

  /// The greatest number of rows.
  static let rowLimit = 4096

  /// - Returns: nil where there are too many rows, or a text is too long or not ASCII.
  init?(_ texts: [String?]) {
    guard texts.count <= Self.rowLimit else { return nil }
    var keys: [UInt64] = []
    keys.reserveCapacity(texts.count)
    var isAscending = true
    for (row, text) in texts.enumerated() {
      guard let text else {
        keys.append(Self.missing)
        continue
      }
      if row > 0, texts[row - 1] == text {
        keys.append(keys[row - 1])
        continue
      }
      guard let key = Self.key(text) else { return nil }
      keys.append(key)
    }
    var values: [UInt64] = []
    values.reserveCapacity(texts.count)
    for key in keys where key != Self.missing && key != values.last {
      isAscending = isAscending && (values.last ?? 0) < key
      values.append(key)
    }
    if !isAscending {
      values.sort()
      var count = 0
      for value in values where count == 0 || values[count - 1] != value {
        values[count] = value
        count += 1
      }
      values.removeSubrange(count...)
    }
    codes = Self.places(of: keys, among: values)
    levels = values.map(Self.text)
  }

  /// No text's number.
  private static let missing: UInt64 = 0

  /// The text's bytes, the first highest, and its length plus one in the lowest byte; nil for any other text.
  private static func key(_ text: String) -> UInt64? {
    let key = text.utf8.withContiguousStorageIfAvailable { bytes -> UInt64? in
      guard bytes.count <= 7 else { return nil }
      var key: UInt64 = 0
      for byte in bytes { key = key << 8 | UInt64(byte) }
      // The highest bit of a byte is set beyond ASCII.
      guard key & 0x8080_8080_8080_8080 == 0 else { return nil }
      return key << UInt64(8 * (8 - bytes.count)) | UInt64(bytes.count + 1)
    }
    return key ?? nil
  }

  private static func text(_ key: UInt64) -> String {
    let count = Int(key & 0xff) - 1
    return String(unsafeUninitializedCapacity: count) { bytes in
      for i in 0..<count { bytes[i] = UInt8(truncatingIfNeeded: key >> UInt64(56 - 8 * i)) }
      return count
    }
  }

  /// The place of each key among ascending ones.
  private static func places(of keys: [UInt64], among values: [UInt64]) -> [Int32] {
    var last = 0
    return keys.map { key in
      if key == missing { return Column.missingCode }
      // Successive rows often have the same text or the next one; else search for it.
      if values[last] == key { return Int32(last) }
      if last + 1 < values.count, values[last + 1] == key {
        last += 1
        return Int32(last)
      }
      var low = 0
      var high = values.count
      while high - low > 1 {
        let middle = (low + high) / 2
        if key < values[middle] { high = middle } else { low = middle }
      }
      last = low
      return Int32(last)
    }
  }
}
