import ModelFormula

/// How one column of a file reads, and on what evidence.
public struct ColumnCertificate: Sendable {
  /// A way to read the column.
  public enum Reading: Sendable, Equatable {
    /// Nothing but missing values.
    case empty
    case number(decimal: DecimalMark, thousands: ThousandsMark?, isWhole: Bool)
    case date(DateOrder)
    case categories([String])
    case identifier
    case text
    /// Several readings fit, each with what the first value in doubt would then be like.
    case ambiguous([String])
  }

  public let name: String
  public let reading: Reading
  /// For a column that can be read in several ways, what each would make of it, side by side.
  public let alternatives: [String]
  /// What decided it, without values.
  public let evidence: String
  /// Lines that show it; at most three.
  public let lines: [Int]
  public let presentCount: Int
  public let distinctCount: Int
  /// The texts that stand for missing, with how many rows have each; the empty field first.
  public let missing: [(text: String, count: Int)]
  /// The smallest and the largest number, or day.
  public let range: ClosedRange<Double>?
  /// Values that may be codes for missing, since they lie apart from all others.
  public let suspectedCodes: [Double]
  /// True where no value occurs twice.
  public let isUnique: Bool
}

/// Reads columns without a codebook.
struct ColumnExaminer {
  let name: String
  let codes: [Int32]
  let texts: [String]
  let lines: [Int]
  let delimiter: Delimiter
  /// True where the column holds what identifies a person: then nothing of its values is told.
  let isIdentifying: Bool
  /// Texts taken as missing where they stand among numbers or dates.
  static let customaryMissing: Set<String> = [
    ".", "-", "--", "?", "NULL", "null", "N/A", "n/a", "#N/A", "NaN", "nan", "None", "#NULL!", "missing",
    "mangler",
    "ukjent", "unknown", "ikke svart",
  ]

  /// Numbers that many systems write for a missing value.
  static let customaryCodes: Set<Double> = [
    -1, -7, -8, -9, -77, -88, -99, -999, 77, 88, 99, 777, 888, 999, 9999, 99999,
  ]

  func certificate() -> ColumnCertificate {
    let missing = MissingTexts([])
    let always = texts.indices.filter { missing.contains(texts[$0]) }
    let candidates = texts.indices.filter { !missing.contains(texts[$0]) }
    let customary = candidates.filter { Self.customaryMissing.contains(ColumnReader.trimmed(texts[$0])) }
    let rest = candidates.filter { !Self.customaryMissing.contains(ColumnReader.trimmed(texts[$0])) }
    // Customary texts for missing are so only beside values that are of another kind.
    let strict = reading(of: rest)
    let isTyped: Bool =
      switch strict.reading {
      case .number, .date, .ambiguous: true
      default: false
      }
    let used =
      isTyped && !rest.isEmpty
      ? (strict, rest, always + customary) : (reading(of: candidates), candidates, always)
    return certificate(used.0, present: used.1, missing: used.2)
  }

  // MARK: Readings

  struct Finding {
    /// What one reading of several makes of the column.
    enum Values {
      case numbers([Double])
      case days([Int32])
    }

    var reading: ColumnCertificate.Reading
    var evidence: String
    /// The texts that show it.
    var witnesses: [Int] = []
    var values: [Double] = []
    /// The values of each reading where there are several.
    var alternatives: [Values] = []
  }

  private func reading(of present: [Int]) -> Finding {
    if present.isEmpty { return Finding(reading: .empty, evidence: "no value") }
    return dates(present) ?? doubtfulDates(present) ?? identifiers(present) ?? numbers(present)
      ?? categories(present)
  }

  private func dates(_ present: [Int]) -> Finding? {
    let values = present.map { texts[$0] }
    guard values.allSatisfy({ DateText.parts($0) != nil }) else { return nil }
    // Eight digits are a date only where the column's name says so.
    let digitsOnly = values.allSatisfy { $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }
    if digitsOnly, !DoubtfulDate.says(name) { return nil }
    func finding(_ order: DateOrder, _ evidence: String, _ witnesses: [Int]) -> Finding? {
      let days = values.map { DateText.day($0, order: order) }
      guard !days.contains(nil) else { return nil }
      return Finding(
        reading: .date(order), evidence: evidence, witnesses: witnesses.map { present[$0] },
        values: days.map { Double($0!) })
    }
    switch DateText.order(of: values) {
    case .yearFirst: return finding(.ymd, "year first", [0])
    case .decided(let order, let by):
      let isAbove12 = DateText.parts(values[by[0]]).map { $0.numbers[0] > 12 } ?? false
      let evidence =
        order == .mdy
        ? "a second part above 12"
        : isAbove12
          ? "a first part above 12" : "points between the parts, which nobody writes month first with"
      return finding(order, evidence, by)
    case .contradictory(let dmy, let mdy):
      return Finding(
        reading: .ambiguous(["day first", "month first"]),
        evidence: "some dates can only be day first, some only month first",
        witnesses: [present[dmy], present[mdy]])
    case .ambiguous:
      return Finding(
        reading: .ambiguous(["day first (dmy)", "month first (mdy)"]),
        evidence: "no part above 12 in any date",
        witnesses: [present[0]],
        alternatives: [DateOrder.dmy, .mdy].map { order in
          .days(values.compactMap { DateText.day($0, order: order) })
        })
    }
  }

  /// Digits that as numbers would not be what is written: 0301 is a municipality, and no double holds 9007199254740993.
  private func identifiers(_ present: [Int]) -> Finding? {
    let written = present.filter { DecimalNumber.isIdentifier(texts[$0]) }
    guard !written.isEmpty, present.allSatisfy({ DecimalNumber.parseEither(texts[$0]) != nil }) else {
      return nil
    }
    var finding = categories(present)
    if case .text = finding.reading { finding.reading = .identifier }
    finding.evidence = "a leading zero, or more digits than a number holds, as identifiers have"
    finding.witnesses = written
    return finding
  }

  private func numbers(_ present: [Int]) -> Finding? {
    let values = present.map { texts[$0] }
    func parsed(_ mark: DecimalMark, _ thousands: ThousandsMark?) -> [Double]? {
      var numbers: [Double] = []
      for value in values {
        guard let number = GroupedNumber.parse(value, decimal: mark, thousands: thousands) else { return nil }
        numbers.append(number)
      }
      return numbers
    }
    func witnesses(_ test: (String) -> Bool) -> [Int] { present.filter { test(texts[$0]) } }
    func finding(
      _ numbers: [Double], _ mark: DecimalMark, _ thousands: ThousandsMark?, _ evidence: String,
      _ shown: [Int]
    ) -> Finding {
      Finding(
        reading: .number(
          decimal: mark, thousands: thousands, isWhole: numbers.allSatisfy { $0 == $0.rounded() }),
        evidence: evidence, witnesses: shown, values: numbers)
    }
    let commas = witnesses { $0.utf8.contains(0x2c) }
    let points = witnesses { $0.utf8.contains(0x2e) }
    if commas.isEmpty, let numbers = parsed(.point, nil) {
      let isOpen =
        delimiter != .comma && !points.isEmpty
        && points.allSatisfy { GroupedNumber.couldBeThousands(texts[$0], mark: .point) }
      if isOpen, let grouped = parsed(.comma, .point) { return undecided(.point, numbers, grouped, points) }
      return finding(
        numbers, .point, nil, points.isEmpty ? "digits only" : "a decimal point",
        points.isEmpty ? [present[0]] : points)
    }
    if points.isEmpty, let numbers = parsed(.comma, nil) {
      let clear = commas.filter { !GroupedNumber.couldBeThousands(texts[$0], mark: .comma) }
      if clear.isEmpty, let grouped = parsed(.point, .comma) {
        return undecided(.comma, numbers, grouped, commas)
      }
      return finding(numbers, .comma, nil, "a comma not followed by exactly three digits", clear)
    }
    if let (form, numbers) = GroupedNumber.form(of: values, declared: nil) {
      return finding(numbers, form.decimal, form.thousands, form.evidence, [present[0]])
    }
    guard let comma = commas.first, let point = points.first,
      values.allSatisfy({ DecimalNumber.parseEither($0) != nil })
    else { return nil }
    return Finding(
      reading: .ambiguous(["a comma is the decimal mark", "a point is the decimal mark"]),
      evidence: "some numbers have a decimal comma, some a decimal point", witnesses: [comma, point])
  }

  /// A mark that may be a decimal one or one of thousands.
  private func undecided(
    _ mark: DecimalMark, _ decimal: [Double], _ grouped: [Double], _ witnesses: [Int]
  ) -> Finding {
    let (name, example) = mark == .comma ? ("comma", "1,234") : ("point", "1.234")
    return Finding(
      reading: .ambiguous([
        "a decimal \(name) (\(example) is a little over one)",
        "a thousands mark (\(example) is over a thousand)",
      ]),
      evidence: "exactly three digits behind every \(name)", witnesses: witnesses,
      alternatives: [.numbers(decimal), .numbers(grouped)])
  }

  /// What keeps texts from being numbers or dates, where most of them are: the few that are none.
  private func exceptions(_ present: [Int], _ rows: Int) -> (evidence: String, witnesses: [Int])? {
    let kinds: [(String, (String) -> Bool)] = [
      ("numbers", { DecimalNumber.parseEither($0) != nil }), ("dates", { DateText.parts($0) != nil }),
      ("dates with a year of two digits", { ShortYearDate($0) != nil }),
    ]
    var count = [Int](repeating: 0, count: texts.count)
    for code in codes { count[Int(code)] += 1 }
    for (name, test) in kinds {
      let others = present.filter { !test(texts[$0]) }
      let otherRows = others.reduce(0) { $0 + count[$1] }
      if !others.isEmpty, otherRows * 2 < rows {
        return ("\(rows - otherRows) of \(rows) values are \(name), the others are not", others)
      }
      if others.isEmpty, name == "dates" {
        let impossible = present.filter { text in
          [DateOrder.dmy, .mdy].allSatisfy { DateText.day(texts[text], order: $0) == nil }
        }
        return ("dates of which some do not exist", impossible)
      }
    }
    return nil
  }

  private func categories(_ present: [Int]) -> Finding {
    var finding = texts(present)
    let rows = codes.count { present.contains(Int($0)) }
    if present.allSatisfy({ DecoratedNumber.isOne(texts[$0]) }) {
      finding.evidence = "numbers with a unit, a sign or brackets beside them, which are no numbers so"
    } else if present.allSatisfy({ DoubtfulDate.hasTimeOfDay(texts[$0]) }) {
      finding.evidence = "dates with a time of day, which are no dates so"
    } else if let (evidence, witnesses) = exceptions(present, rows) {
      finding.evidence = evidence
      finding.witnesses = witnesses
    }
    return finding
  }

  private func texts(_ present: [Int]) -> Finding {
    var isPresent = [Bool](repeating: false, count: texts.count)
    for text in present { isPresent[text] = true }
    let rows = codes.count { isPresent[Int($0)] }
    let longest = present.map { texts[$0].utf8.count }.max() ?? 0
    if present.count <= 20, present.count * 2 <= max(rows, 4), longest <= 60 {
      let levels = present.map { ColumnReader.trimmed(texts[$0]) }.sorted {
        $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
      }
      return Finding(
        reading: .categories(
          Array(Set(levels)).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }),
        evidence: "\(present.count) distinct texts in \(rows) rows", witnesses: Array(present.prefix(1)))
    }
    if present.allSatisfy({ !texts[$0].utf8.contains(0x20) && texts[$0].utf8.count <= 40 }) {
      return Finding(
        reading: .identifier, evidence: "\(present.count) distinct texts without blanks in \(rows) rows",
        witnesses: Array(present.prefix(1)))
    }
    return Finding(
      reading: .text, evidence: "\(present.count) distinct texts in \(rows) rows",
      witnesses: Array(present.prefix(1)))
  }

  // MARK: The certificate

  private func certificate(_ finding: Finding, present: [Int], missing: [Int]) -> ColumnCertificate {
    var count = [Int](repeating: 0, count: texts.count)
    var first = [Int](repeating: Int.max, count: texts.count)
    for (row, code) in codes.enumerated() {
      count[Int(code)] += 1
      first[Int(code)] = min(first[Int(code)], row)
    }
    var values = isIdentifying ? [] : finding.values
    let suspected = suspectedCodes(values)
    values.removeAll { suspected.contains($0) }
    let presentCount = present.reduce(0) { $0 + count[$1] }
    return ColumnCertificate(
      name: name, reading: finding.reading, alternatives: alternatives(finding), evidence: finding.evidence,
      lines: finding.witnesses.map { lines[first[$0]] }.sorted().prefix(3).map { $0 },
      presentCount: presentCount,
      distinctCount: present.count,
      missing: missing.map { (texts[$0], count[$0]) }.sorted { $0.text < $1.text },
      range: values.min().map { $0...values.max()! }, suspectedCodes: suspected,
      isUnique: present.count == presentCount && presentCount > 1)
  }

  private func alternatives(_ finding: Finding) -> [String] {
    guard case .ambiguous(let readings) = finding.reading else { return [] }
    return readings.enumerated().map { i, reading in
      guard !isIdentifying, finding.alternatives.indices.contains(i) else { return reading }
      let ends: [String]
      switch finding.alternatives[i] {
      case .numbers(let numbers):
        ends = [numbers.min(), numbers.max()].compactMap { $0.map(NumberWriter.text) }
      case .days(let days):
        ends = [days.min(), days.max()].compactMap { $0.map { CalendarDay(number: $0).iso } }
      }
      guard ends.count == 2 else { return reading }
      return "\(reading): \(ends[0]) to \(ends[1])"
    }
  }

  /// Customary codes for missing (−9, 99, 999 …) that lie apart from the other values by more than these spread.
  private func suspectedCodes(_ values: [Double]) -> [Double] {
    let plain = values.filter { !Self.customaryCodes.contains($0) }
    guard let low = plain.min(), let high = plain.max() else { return [] }
    let margin = max(high - low, 1)
    return Set(values).filter {
      Self.customaryCodes.contains($0) && ($0 < 0 && low >= 0 || $0 > high + margin)
    }
    .sorted()
  }
}
