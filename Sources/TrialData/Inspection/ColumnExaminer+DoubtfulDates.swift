import ModelFormula

extension ColumnExaminer {
  /// Dates that do not say which day they are: a year of two digits, or a spreadsheet's day counts in a column that is called a
  /// date. No evidence within a file decides a century or a spreadsheet's first day.
  func doubtfulDates(_ present: [Int]) -> Finding? { shortYears(present) ?? spreadsheetDays(present) }

  private func shortYears(_ present: [Int]) -> Finding? {
    let short = present.compactMap { text in ShortYearDate(texts[text]).map { (text: text, date: $0) } }
    guard let first = short.first else { return nil }
    let evidence = "a year of two digits does not say its century"
    if short.count < present.count {
      // Among dates with the whole year.
      let others = Set(present).subtracting(short.map(\.text))
      guard others.allSatisfy({ DateText.parts(texts[$0]) != nil }) else { return nil }
      return Finding(
        reading: .ambiguous(["years 2000 to 2099", "years 1900 to 1999"]),
        evidence: "\(evidence), beside years of four", witnesses: short.map(\.text))
    }
    // Six digits are a date only where the column's name says so.
    if short.contains(where: { $0.date.separator == 0 }), !DoubtfulDate.says(name) { return nil }
    let hasPoints = short.contains { $0.date.separator == 0x2e }
    let orders = [(DateOrder.dmy, "day first"), (.mdy, "month first"), (.ymd, "year first")].filter {
      order, _ in
      (order == .dmy || !hasPoints) && short.allSatisfy { $0.date.day(order, century: 2000) != nil }
    }
    let readings = orders.flatMap { order, wording in
      [2000, 1900].map { century in
        (
          "\(wording) (\(order.rawValue)), years \(century) to \(century + 99)",
          Finding.Values.days(short.compactMap { $0.date.day(order, century: century) })
        )
      }
    }
    guard !readings.isEmpty else { return nil }
    return Finding(
      reading: .ambiguous(readings.map(\.0)), evidence: evidence, witnesses: [first.text],
      alternatives: readings.map(\.1))
  }

  private func spreadsheetDays(_ present: [Int]) -> Finding? {
    guard DoubtfulDate.says(name) else { return nil }
    let days = present.compactMap { DoubtfulDate.spreadsheetDay(texts[$0]) }
    let numbers = present.compactMap { DecimalNumber.parseEither(texts[$0]) }
    let codes = numbers.count { Self.customaryCodes.contains($0) }
    guard !days.isEmpty, days.count + codes == present.count else { return nil }
    let counted = DoubtfulDate.epochs.map { epoch in Finding.Values.days(days.map { epoch + Int32($0) }) }
    return Finding(
      reading: .ambiguous([
        "a spreadsheet's days counted from 1900", "a spreadsheet's days counted from 1904", "numbers",
      ]),
      evidence: "numbers as Excel keeps dates, in a column that is called a date", witnesses: [present[0]],
      alternatives: counted + [.numbers(numbers)])
  }
}
