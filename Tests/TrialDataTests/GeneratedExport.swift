import ModelFormula

@testable import TrialData

/// A small generator of pseudo-random numbers, the same everywhere.
struct Lottery {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func chance(oneIn n: Int) -> Bool { below(n) == 0 }
  mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
}

/// An export as a Norwegian registry office or questionnaire system might send it, together with what it says: every cell, and on
/// which line its row begins.
struct GeneratedExport {
  enum Encoding: CaseIterable {
    case utf8, utf8Marked, utf16LittleMarked, utf16BigMarked, utf16Little, windows1252, latin1
  }
  enum LineEnd: String, CaseIterable {
    case lf = "\n"
    case crlf = "\r\n"
    case cr = "\r"
  }
  enum Quoting: CaseIterable { case needed, all, some }

  /// What a column holds.
  enum Cells: Equatable {
    case numbers([Double?])
    case texts([String?])
  }

  var bytes: [UInt8] = []
  var options = ReadingOptions()
  var columns: [(name: String, cells: Cells)] = []
  var lines: [Int] = []
  var summary = ""
  /// The blank between groups of three digits, for columns whose numbers are written so.
  private var blanks: [Int: String] = [:]

  private static let names = ["Ærlig", "Øyvind", "Åse", "Bjørnøya", "Sjøgløtt", "Kåfjord", "blåbær", "Æ"]
  private static let marks = [
    "a;b", "a,b", "a\tb", "sa \"ja\"", "\"", "linje 1\nlinje 2", "x\r\ny", " rand ",
  ]
  private static let windowsOnly = ["€ 100", "kort – lang", "«så»", "“hun”", "Š"]

  init(seed: UInt64) {
    var lottery = Lottery(seed)
    let encoding = lottery.pick(Encoding.allCases)
    let end = lottery.pick(LineEnd.allCases)
    let quoting = lottery.pick(Quoting.allCases)
    let delimiter = lottery.pick(Delimiter.allCases)
    let comma = delimiter != .comma && lottery.chance(oneIn: 2)
    let rows = 1 + lottery.below(40)
    summary = "seed \(seed), \(encoding), \(end), \(quoting), \(delimiter.name), decimal \(comma ? "," : ".")"
    if lottery.chance(oneIn: 3) { options.delimiter = delimiter }
    if lottery.chance(oneIn: 3) { options.decimalMark = comma ? .comma : .point }
    makeColumns(&lottery, rows, encoding, end)
    let text = text(&lottery, rows, end, quoting, delimiter, comma)
    bytes = Self.encode(text, encoding)
  }

  private mutating func makeColumns(
    _ lottery: inout Lottery, _ rows: Int, _ encoding: Encoding, _ end: LineEnd
  ) {
    let count = 2 + lottery.below(8)
    for k in 0..<count {
      let name = lottery.pick(["kjønn", "alder", "måned", "beløp", "svar (1–5)", "Ønske"]) + "_\(k)"
      // The en dash is no character of ISO-8859-1.
      let plain = encoding == .latin1 ? String(name.map { $0 == "–" ? "-" : $0 }) : name
      let cells: Cells =
        switch lottery.below(4) {
        case 0:
          .numbers((0..<rows).map { _ in lottery.chance(oneIn: 8) ? nil : Double(lottery.below(2000) - 500) })
        case 1:
          .numbers(
            (0..<rows).map { _ in
              lottery.chance(oneIn: 8) ? nil : Double(lottery.below(2_000_000) - 500_000) / 100
            })
        case 2: .texts((0..<rows).map { _ in Self.date(&lottery) })
        default: .texts((0..<rows).map { _ in Self.word(&lottery, encoding, end) })
        }
      if case .numbers = cells, lottery.chance(oneIn: 4) { blanks[k] = lottery.pick([" ", "\u{a0}"]) }
      columns.append((plain, cells))
    }
  }

  private static func date(_ lottery: inout Lottery) -> String? {
    if lottery.chance(oneIn: 8) { return nil }
    let day = CalendarDay(number: Int32(18_000 + lottery.below(2000))).components
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return "\(two(day.day)).\(two(day.month)).\(day.year)"
  }

  private static func word(_ lottery: inout Lottery, _ encoding: Encoding, _ end: LineEnd) -> String? {
    switch lottery.below(8) {
    case 0: return nil
    case 1, 2:
      let text = lottery.pick(marks)
      // In a file of CR lines a quoted line feed would make it a file of LF lines.
      return end == .cr
        ? String(text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" }.map(Character.init)) : text
    case 3: return encoding == .latin1 ? "é" : lottery.pick(windowsOnly)
    default: return lottery.pick(names) + " " + lottery.pick(names)
    }
  }

  private mutating func text(
    _ lottery: inout Lottery, _ rows: Int, _ end: LineEnd, _ quoting: Quoting, _ delimiter: Delimiter,
    _ comma: Bool
  ) -> String {
    let mark = String(Unicode.Scalar(delimiter.rawValue))
    func field(_ text: String, mayQuote: Bool = true) -> String {
      let needs = text.unicodeScalars.contains { "\";,\t\n\r".unicodeScalars.contains($0) }
      let wants = quoting == .all || (quoting == .some && lottery.chance(oneIn: 3))
      return needs || (wants && mayQuote) ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
    var out = columns.map { field($0.name) }.joined(separator: mark) + end.rawValue
    var line = 2
    for row in 0..<rows {
      lines.append(line)
      let fields = columns.enumerated().map { number, column -> String in
        switch column.cells {
        case .numbers(let values):
          guard let value = values[row] else { return lottery.chance(oneIn: 2) ? "" : "NA" }
          let digits = Self.grouped(NumberWriter.text(value), by: blanks[number])
          return comma ? digits.replacing(".", with: ",") : digits
        case .texts(let values):
          guard let value = values[row] else { return "" }
          let field = field(value)
          line += value.unicodeScalars.count { $0 == "\n" }
          return field
        }
      }
      let isLast = row == rows - 1
      out += fields.joined(separator: mark)
      // A last row of one empty field without a line end would be no row.
      if !isLast || lottery.chance(oneIn: 2) || fields.joined().isEmpty { out += end.rawValue }
      line += 1
    }
    return out
  }

  /// A number below a million with a blank before its hundreds.
  private static func grouped(_ digits: String, by blank: String?) -> String {
    guard let blank else { return digits }
    var parts = digits.split(separator: ".").map(String.init)
    let sign = parts[0].hasPrefix("-") ? "-" : ""
    let whole = parts[0].dropFirst(sign.count)
    guard whole.count > 3 else { return digits }
    parts[0] = sign + whole.dropLast(3) + blank + whole.suffix(3)
    return parts.joined(separator: ".")
  }

  static func encode(_ text: String, _ encoding: Encoding) -> [UInt8] {
    switch encoding {
    case .utf8: return Array(text.utf8)
    case .utf8Marked: return [0xef, 0xbb, 0xbf] + Array(text.utf8)
    case .utf16LittleMarked: return [0xff, 0xfe] + text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    case .utf16Little: return text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    case .utf16BigMarked: return [0xfe, 0xff] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    case .windows1252, .latin1:
      let high: [Unicode.Scalar: UInt8] = [
        "€": 0x80, "–": 0x96, "“": 0x93, "”": 0x94, "Š": 0x8a,
      ]
      return text.unicodeScalars.map { high[$0] ?? UInt8($0.value) }
    }
  }
}
