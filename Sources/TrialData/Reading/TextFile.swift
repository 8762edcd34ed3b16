/// Hashes of input files, for the record of where numbers come from.
public enum FileDigest {
  /// The SHA-256 of a file's bytes, in hexadecimal.
  ///
  /// - Throws: `DataError` of kind `noSuchInput` where it cannot be read.
  public static func sha256(path: String) throws(DataError) -> String { try FileBytes(path: path).sha256 }

  /// The SHA-256 of a text's UTF-8 bytes, in hexadecimal.
  public static func sha256(text: String) -> String { FileBytes(Array(text.utf8)).sha256 }
}

/// A whole text file, such as a plan.
public struct TextFile: Sendable {
  /// The text.
  public let text: String
  /// The SHA-256 of its bytes, in hexadecimal.
  public let sha256: String

  /// Reads a UTF-8 file.
  ///
  /// - Throws: `DataError` of kind `noSuchInput` where it cannot be read, `badData` with the line of the first byte that is no
  ///   UTF-8.
  public init(path: String) throws(DataError) {
    let source = try FileBytes(path: path)
    (text, sha256) = try withExtendedLifetime(source) { () throws(DataError) in
      if let bad = UTF8Check.firstInvalid(source.bytes, from: 0) {
        throw DataError([
          DataProblem(
            file: path, line: EncodingDetector.line(of: bad, in: source.bytes),
            found: "a byte that is no UTF-8",
            expected: "a text in UTF-8 expected")
        ])
      }
      return (String(decoding: source.bytes, as: UTF8.self), source.sha256)
    }
  }
}
