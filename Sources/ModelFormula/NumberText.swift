import Glibc

/// The text that R gives a number in labels: `as.character(x)` and `deparse(x)`, at most 15 significant digits.
///
/// Fixed notation is used unless scientific notation is shorter: 1000, 1e+05, 0.001, 1e-04.
public func numberText(_ value: Double) -> String {
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Inf" : "Inf" }
  if value == 0 { return "0" }
  if abs(value) < 1e15, value == value.rounded(.towardZero) {
    // Most labels are whole numbers, which need no search for digits.
    let text = String(Int(value))
    let digits = text.utf8.count - (value < 0 ? 1 : 0)
    let zeros = text.utf8.reversed().prefix { $0 == UInt8(ascii: "0") }.count
    let significant = digits - zeros
    if digits <= (significant > 1 ? significant + 5 : 5) { return text }
  }
  let full = formatted("%.*e", digits: 14, value)
  guard let wanted = Double(full) else { return full }
  var digits = 1
  while digits < 15, Double(formatted("%.*e", digits: Int32(digits - 1), value)) != wanted {
    digits += 1
  }
  let scientific = formatted("%.*e", digits: Int32(digits - 1), value)
  guard let mark = scientific.firstIndex(of: "e"),
    let exponent = Int(scientific[scientific.index(after: mark)...])
  else { return scientific }
  let fixed = formatted("%.*f", digits: Int32(max(0, digits - 1 - exponent)), value)
  return fixed.utf8.count <= scientific.utf8.count ? fixed : scientific
}

private func formatted(_ format: String, digits: Int32, _ value: Double) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
    _ = withVaList([digits, value]) { vsnprintf(buffer.baseAddress!, buffer.count, format, $0) }
    return String(cString: buffer.baseAddress!)
  }
}

/// A number read the way a formula or a level is written, or nil where the text is no number.
///
/// Only plain decimal notation counts: hexadecimal numbers, `inf` and `nan` are texts.
func numberValue(_ text: String) -> Double? {
  guard
    text.utf8.allSatisfy({ (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) })
  else { return nil }
  return Double(text)
}
