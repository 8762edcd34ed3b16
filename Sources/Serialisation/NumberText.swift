import Glibc

/// Numbers as text without a locale.
public enum NumberText {
  /// A number with a count of significant digits, fixed or scientific as is shorter, without trailing zeros ("%.*g").
  public static func significant(_ value: Double, digits: Int = 6) -> String {
    guard value.isFinite else { return value.isNaN ? "NA" : value > 0 ? "Inf" : "-Inf" }
    return formatted("%.*g", digits, value)
  }

  /// A number with a fixed count of decimals, rounded half away from zero on its shortest decimal form.
  ///
  /// 2.675 becomes 2.68 although the nearest double lies below it: what is rounded is the number as it would be
  /// printed in full, which is what a reader checks by hand (SAS rounds so too; R's `round` and `sprintf` do not).
  public static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NA" : value > 0 ? "Inf" : "-Inf" }
    return Decimal(shortest: abs(value)).rounded(decimals: decimals, negative: value < 0)
  }

  /// A p-value as journals print it: three decimals (or as many as asked), "<0.001" below.
  public static func pValue(_ p: Double, decimals: Int = 3) -> String {
    guard p.isFinite else { return "NA" }
    let floor = pow(10, -Double(decimals))
    if p < floor { return "<" + fixed(floor, decimals: decimals) }
    return fixed(p, decimals: decimals)
  }

  private static func formatted(_ format: String, _ digits: Int, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let count = withVaList([Int32(digits), value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer[0..<Int(count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The shortest decimal that reads back as a double: digits and the place of the decimal point.
  private struct Decimal {
    /// Digits 0–9 without leading zeros (empty for zero).
    var digits: [UInt8] = []
    /// The value is 0.d₁d₂… × 10^point.
    var point = 0

    init(shortest value: Double) {
      guard value > 0 else { return }
      var exponent = 0
      var seenPoint = false
      let text = Array(value.description.utf8)
      var i = 0
      while i < text.count {
        let byte = text[i]
        if byte == UInt8(ascii: ".") {
          seenPoint = true
        } else if byte == UInt8(ascii: "e") {
          exponent = Int(String(decoding: text[(i + 1)...], as: UTF8.self)) ?? 0
          break
        } else {
          digits.append(byte - UInt8(ascii: "0"))
          if !seenPoint { point += 1 }
        }
        i += 1
      }
      let leading = digits.prefix { $0 == 0 }.count
      digits.removeFirst(leading)
      point += exponent - leading
    }

    func rounded(decimals: Int, negative: Bool) -> String {
      var kept = Array(digits.prefix(max(0, point + decimals)))
      while kept.count < point + decimals { kept.append(0) }
      var place = point
      let cut = point + decimals
      if cut >= 0, cut < digits.count, digits[cut] >= 5 {
        var i = kept.count - 1
        while i >= 0, kept[i] == 9 {
          kept[i] = 0
          i -= 1
        }
        if i >= 0 {
          kept[i] += 1
        } else {
          kept.insert(1, at: 0)
          place += 1
        }
      }
      while place < 1 {
        kept.insert(0, at: 0)
        place += 1
      }
      while kept.count < place + decimals { kept.insert(0, at: 0) }
      let characters = kept.map { UInt8(ascii: "0") + $0 }
      var text = String(decoding: characters[0..<place], as: UTF8.self)
      if decimals > 0 {
        text += "." + String(decoding: characters[place..<(place + decimals)], as: UTF8.self)
      }
      return negative && kept.contains { $0 != 0 } ? "-" + text : text
    }
  }
}
