import CMessageDigest

/// SHA-256 (FIPS 180-4) by libmd, in hexadecimal.
enum SHA256 {
  static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    var context = SHA2_CTX()
    SHA256Init(&context)
    SHA256Update(&context, bytes.baseAddress, bytes.count)
    var digest = [UInt8](repeating: 0, count: 32)
    SHA256Final(&digest, &context)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension FileBytes {
  /// The SHA-256 of the bytes, in hexadecimal.
  var sha256: String { SHA256.hexadecimal(bytes) }
}
