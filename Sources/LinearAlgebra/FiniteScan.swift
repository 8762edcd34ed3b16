/// True where no value is infinite or not a number.
///
/// Zero times a number is zero exactly while the number is finite; eight sums run side by side, since each addition
/// waits for the one before it.
public func allFinite(_ values: UnsafeBufferPointer<Double>) -> Bool {
  let whole = values.count / 8 * 8
  var trace = SIMD8<Double>(repeating: 0)
  if let base = values.baseAddress {
    let raw = UnsafeRawPointer(base)
    for i in stride(from: 0, to: whole, by: 8) {
      trace += raw.loadUnaligned(fromByteOffset: i * 8, as: SIMD8<Double>.self) * 0
    }
  }
  var rest = 0.0
  for i in whole..<values.count { rest += values[i] * 0 }
  return trace == SIMD8(repeating: 0) && rest == 0
}
