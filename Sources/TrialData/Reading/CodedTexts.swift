import Serialisation

/// A column of texts as codes, so that a million repeated texts are not a million strings.
struct CodedTexts: Sendable {
  let codes: [Int32]
  let dictionary: ByteDictionary

  var count: Int { codes.count }

  func withBytes<R>(at row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    dictionary.withBytes(of: Int(codes[row]), body)
  }

  /// Numbers where every text that is not missing is one and would be written the same; else the texts.
  var json: [JSONValue] {
    let missing = MissingTexts([])
    let texts = dictionary.texts
    let numbers = texts.map { text -> JSONValue? in
      if missing.contains(text) { return JSONValue.null }
      guard let number = DecimalNumber.parse(text, mark: .point), NumberWriter.text(number) == text else {
        return nil
      }
      return .number(Optional(number))
    }
    let isNumeric = !numbers.contains { $0 == nil }
    let values = zip(texts, numbers).map { text, number -> JSONValue in
      isNumeric ? number! : missing.contains(text) ? .null : .string(text)
    }
    return codes.map { values[Int($0)] }
  }
}
