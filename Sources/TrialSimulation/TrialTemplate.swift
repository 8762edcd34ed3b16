/// The plan and the codebook that come with the program: commented examples of a whole trial.
///
/// They are compiled into the program, so that one file is all there is to install.
public enum TrialTemplate {
  /// The plan of the "Hekta på jobb" trial for a simulated export.
  public static var plan: String { String(decoding: PackageResources.hekta_plan_yml, as: UTF8.self) }

  /// The codebook of that export.
  public static var codebook: String {
    String(decoding: PackageResources.hekta_codebook_yml, as: UTF8.self)
  }

  /// A plan to start from for any trial of two arms.
  public static var blankPlan: String { String(decoding: PackageResources.blank_plan_yml, as: UTF8.self) }

  /// The codebook that goes with it.
  public static var blankCodebook: String {
    String(decoding: PackageResources.blank_codebook_yml, as: UTF8.self)
  }
}
