/// The texts that stand for a missing value.
struct MissingTexts: Sendable {
  private let texts: [[UInt8]]
  /// True where some of them read as numbers, so that a field must be compared before it is converted.
  let holdsNumbers: Bool

  init(_ given: [String]) {
    texts = [Array("NA".utf8)] + given.map { Array($0.utf8) }
    holdsNumbers = given.contains {
      DecimalNumber.parse($0, mark: .point) != nil || DecimalNumber.parse($0, mark: .comma) != nil
    }
  }

  /// The numbers that some of them read as; nil where one of those is written with a decimal mark or as an identifier, which
  /// counts in a number that is not missing.
  func numbers(mark: DecimalMark) -> [Double]? {
    var numbers: [Double] = []
    for text in texts {
      guard let number = text.withUnsafeBufferPointer({ DecimalNumber.parse($0, mark: mark) }) else {
        continue
      }
      if text.contains(mark.rawValue) || text.withUnsafeBufferPointer(DecimalNumber.isIdentifier) {
        return nil
      }
      numbers.append(number)
    }
    return numbers
  }

  /// True for a text of blanks only, `NA`, and the given texts; blanks around them do not count.
  func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var start = 0
    var end = text.count
    while start < end, DecimalNumber.isBlank(text[start]) { start += 1 }
    while start < end, DecimalNumber.isBlank(text[end - 1]) { end -= 1 }
    if start == end { return true }
    return texts.contains { $0.count == end - start && $0.elementsEqual(text[start..<end]) }
  }

  func contains(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { contains($0) }
  }
}
