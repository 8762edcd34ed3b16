/// How wide text is, so that boxes and margins can be fitted to it without a font at hand.
///
/// The advance widths are those of DejaVu Sans (thousandths of an em, measured in its `hmtx` table). It is about the widest
/// sans-serif face that a reader is likely to see, so that text set in Helvetica, Arial, Roboto or San Francisco takes
/// less room than was kept for it.
enum TextMetrics {
  private static let ascii: [Double] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
    636,
    636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295,
    656,
    557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500,
    613,
    635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592,
    818,
    592, 592, 525, 636, 337, 636, 838,
  ]

  /// The widths in bold are about a tenth larger.
  private static let boldFactor = 1.11

  /// The width of one line of text at a font size, in the same unit as the size.
  static func width(_ text: String, size: Double, bold: Bool = false) -> Double {
    var thousandths = 0.0
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 32...126: thousandths += ascii[Int(scalar.value) - 32]
      case 0xA0, 0x202F: thousandths += 318
      case 0xE6, 0xC6: thousandths += 982
      case 0x2013: thousandths += 500
      case 0x2212, 0x2264, 0x2265, 0xD7, 0xB1, 0x221E: thousandths += 838
      case 0x300...0x36F: break
      default: thousandths += scalar.value < 0x250 ? 650 : 1000
      }
    }
    return thousandths / 1000 * size * (bold ? boldFactor : 1)
  }

  /// The widest of several lines.
  static func width(_ lines: [String], size: Double, bold: Bool = false) -> Double {
    lines.map { width($0, size: size, bold: bold) }.max() ?? 0
  }

  /// The text broken at blanks into lines no wider than `limit`; a single word that is wider is broken inside.
  static func wrap(_ text: String, limit: Double, size: Double, bold: Bool = false) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      for piece in pieces(String(word), limit: limit, size: size, bold: bold) {
        let longer = line.isEmpty ? piece : line + " " + piece
        if !line.isEmpty, width(longer, size: size, bold: bold) > limit {
          lines.append(line)
          line = piece
        } else {
          line = longer
        }
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }

  /// A word cut into pieces that fit: at hyphens and slashes where it has them, else with a hyphen put in.
  private static func pieces(_ word: String, limit: Double, size: Double, bold: Bool) -> [String] {
    guard width(word, size: size, bold: bold) > limit, word.count > 3 else { return [word] }
    var pieces: [String] = []
    var piece = ""
    for character in word {
      if piece.count > 1, width(piece + String(character) + "-", size: size, bold: bold) > limit {
        pieces.append(piece.last == "-" || piece.last == "/" ? piece : piece + "-")
        piece = ""
      }
      piece.append(character)
    }
    return pieces + [piece]
  }
}
