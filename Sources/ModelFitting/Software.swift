/// This software, as provenance and the methods paragraph name it.
public enum Software {
  /// The version, by semantic versioning; results of one version on one input are identical bytes.
  public static let version = "0.1.0"
  /// The name and the version.
  public static let name = "hekta \(version)"
}
