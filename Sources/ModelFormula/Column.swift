import Glibc

/// The values of one variable, all of one type, with missing values explicit.
public enum Column: Sendable, Equatable {
  /// Measurements and counts. A missing value is NaN; a reader never makes a NaN otherwise.
  case numeric([Double])
  /// Categories as indices into ordered levels, the first of which is the reference. A missing value is −1.
  case categorical(codes: [Int32], levels: [String])
  /// Dates as whole days since 1 January 1970. A missing value is `Int32.min`.
  case date([Int32])
  /// Free text or identifiers. A missing value is nil.
  case text([String?])

  /// The code of a missing category.
  public static let missingCode: Int32 = -1
  /// The day number of a missing date.
  public static let missingDay = Int32.min

  /// The number of values, missing ones included.
  public var count: Int {
    switch self {
    case .numeric(let values): values.count
    case .categorical(let codes, _): codes.count
    case .date(let days): days.count
    case .text(let texts): texts.count
    }
  }

  /// True where the value in a row is missing.
  public func isMissing(at row: Int) -> Bool {
    switch self {
    case .numeric(let values): values[row].isNaN
    case .categorical(let codes, _): codes[row] < 0
    case .date(let days): days[row] == Self.missingDay
    case .text(let texts): texts[row] == nil
    }
  }

  /// The column of the chosen rows, in the order given; levels stay as they are.
  public func selecting(rows: [Int]) -> Column {
    switch self {
    case .numeric(let values): .numeric(rows.map { values[$0] })
    case .categorical(let codes, let levels):
      .categorical(codes: rows.map { codes[$0] }, levels: levels)
    case .date(let days): .date(rows.map { days[$0] })
    case .text(let texts): .text(rows.map { texts[$0] })
    }
  }

  /// A categorical column from texts; levels in the order given, or else sorted by Unicode scalar.
  ///
  /// - Precondition: where levels are given, every text is one of them.
  public static func categorical(_ texts: [String?], levels: [String]? = nil) -> Column {
    guard let levels else { return distinct(texts) }
    var index: [String: Int32] = [:]
    for (i, level) in levels.enumerated() { index[level] = Int32(i) }
    let codes = texts.map { text -> Int32 in
      guard let text else { return missingCode }
      guard let code = index[text] else { preconditionFailure("a text that is not a level") }
      return code
    }
    return .categorical(codes: codes, levels: levels)
  }

  /// Each text is looked up once, and not at all where it repeats the one before or comes after all before it in order,
  /// as identifiers of long tables do. Beyond ASCII two spellings may be one text, so that order alone tells nothing.
  private static func distinct(_ texts: [String?]) -> Column {
    if let short = ShortTexts(texts) { return .categorical(codes: short.codes, levels: short.levels) }
    var codes = [Int32](repeating: missingCode, count: texts.count)
    var found: [String] = []
    var index: [String: Int32] = [:]
    var last: Int32 = missingCode
    var isAscending = true
    for (row, text) in texts.enumerated() {
      guard let text else { continue }
      if last < 0 || found[Int(last)] != text {
        if isAscending, isASCII(text), found.isEmpty || precedes(found[found.count - 1], text) {
          last = Int32(found.count)
          found.append(text)
        } else {
          if isAscending {
            isAscending = false
            for (code, text) in found.enumerated() { index[text] = Int32(code) }
          }
          last = index[text, default: Int32(found.count)]
          if last == found.count {
            index[text] = last
            found.append(text)
          }
        }
      }
      codes[row] = last
    }
    if isAscending { return .categorical(codes: codes, levels: found) }
    let order = found.indices.sorted { precedes(found[$0], found[$1]) }
    var rank = [Int32](repeating: 0, count: order.count)
    for (place, code) in order.enumerated() { rank[code] = Int32(place) }
    return .categorical(codes: codes.map { $0 < 0 ? $0 : rank[Int($0)] }, levels: order.map { found[$0] })
  }

  private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

  /// The order by Unicode scalar, which is that of the bytes of UTF-8.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    let order = a.utf8.withContiguousStorageIfAvailable { a in
      b.utf8.withContiguousStorageIfAvailable { b in
        let common = min(a.count, b.count)
        let first = common == 0 ? 0 : memcmp(a.baseAddress!, b.baseAddress!, common)
        return first == 0 ? a.count < b.count : first < 0
      }
    }
    return (order ?? nil) ?? a.utf8.lexicographicallyPrecedes(b.utf8)
  }
}
