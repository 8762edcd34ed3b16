import ModelFormula

/// Puts the text of a field into a column, whatever it is: the way of every field that is not as plain as can be.
struct FieldConversion {
  let missing: MissingTexts
  let mark: DecimalMark

  /// Converts a field as its column asks; one that is neither missing nor of the kind marks the column as failed.
  func store(
    _ text: UnsafeBufferPointer<UInt8>, _ target: UnsafeMutablePointer<PartColumns.Slot>, _ row: Int
  ) {
    switch target.pointee.form {
    case .number, .watchedNumber:
      let numbers = target.pointee.numbers!
      if text.isEmpty || missing.contains(text) {
        numbers[row] = .nan
      } else if let value = DecimalNumber.parse(text, mark: mark) {
        numbers[row] = value
        if text.contains(mark.rawValue) { target.pointee.traits.insert(.hasMark) }
        if DecimalNumber.isIdentifier(text) { target.pointee.traits.insert(.isIdentifier) }
      } else {
        numbers[row] = .nan
        target.pointee.traits.insert(.failed)
      }
    case .day:
      let days = target.pointee.codes!
      days[row] = Column.missingDay
      if text.isEmpty || missing.contains(text) { return }
      if let day = DateText.day(String(decoding: text, as: UTF8.self), order: nil) {
        days[row] = day
      } else {
        target.pointee.traits.insert(.failed)
      }
    case .key:
      target.pointee.keys![row] =
        TextKey.short(text) ?? TextKey.interned | UInt64(target.pointee.code(of: text, row: row))
    case .text:
      target.pointee.codes![row] = target.pointee.code(of: text, row: row)
    }
  }
}
