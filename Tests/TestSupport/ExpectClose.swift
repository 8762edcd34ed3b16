import Testing

/// Expects a number to lie within a relative or an absolute tolerance of its reference, and says how far off it is.
///
/// - Parameters:
///   - relative: the tolerance as a share of the reference's magnitude.
///   - absolute: the tolerance in the unit of the number; either suffices.
///   - because: why this tolerance, or where the reference is from.
public func expectClose(
  _ actual: Double, _ expected: Double, relative: Double = 0, absolute: Double = 0,
  because reason: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = abs(actual - expected)
  let allowed = absolute + relative * abs(expected)
  #expect(
    actual == expected || error <= allowed,
    """
    got \(actual), expected \(expected); off by \(error) absolute, \(error / abs(expected)) relative, \
    allowed \(allowed). \(reason)
    """, sourceLocation: sourceLocation)
}

/// Expects two lists of numbers to agree element by element; see `expectClose(_:_:relative:absolute:because:)`.
public func expectClose(
  _ actual: [Double], _ expected: [Double], relative: Double = 0, absolute: Double = 0,
  because reason: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (i, (a, e)) in zip(actual, expected).enumerated() {
    expectClose(
      a, e, relative: relative, absolute: absolute, because: "element \(i). \(reason)",
      sourceLocation: sourceLocation)
  }
}
