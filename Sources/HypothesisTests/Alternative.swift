/// The alternative hypothesis of a test; the raw values are R's words.
public enum Alternative: String, Sendable, CaseIterable {
  /// The parameter differs from its null value.
  case twoSided = "two.sided"
  /// The parameter lies below its null value; limits run from −∞ (or the parameter's floor) upwards.
  case less
  /// The parameter lies above its null value; limits run upwards to +∞ (or the parameter's ceiling).
  case greater
}
