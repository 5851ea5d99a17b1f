import Foundation

/// A curve on two logarithmic axes as SVG, which draws no conclusion: what is linear stays level.
struct Plot {
    let title: String
    let xLabel: String
    let yLabel: String
    /// Both above zero, `x` ascending.
    let points: [(x: Double, y: Double)]

    private static let width = 560.0
    private static let height = 320.0
    private static let left = 70.0
    private static let right = 24.0
    private static let top = 40.0
    private static let bottom = 54.0

    /// The document.
    var svg: String {
        let xs = Self.decades(points.map(\.x))
        let ys = Self.decades(points.map(\.y))
        func horizontal(_ value: Double) -> Double {
            Self.left + (Self.width - Self.left - Self.right) * Self.share(value, of: xs)
        }
        func vertical(_ value: Double) -> Double {
            Self.height - Self.bottom
                - (Self.height - Self.top - Self.bottom) * Self.share(value, of: ys)
        }
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Int(Self.width)) \#(Int(Self.height))" font-family="sans-serif" font-size="12">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
            Self.text(title, Self.width / 2, 22, size: 14),
            Self.text(xLabel, (Self.left + Self.width - Self.right) / 2, Self.height - 12),
            #"<text transform="translate(16 \#(Self.fixed((Self.top + Self.height - Self.bottom) / 2))) rotate(-90)" text-anchor="middle">\#(Self.escaped(yLabel))</text>"#,
        ]
        for decade in xs {
            let x = horizontal(pow(10, Double(decade)))
            lines.append(Self.line(x, Self.top, x, Self.height - Self.bottom))
            lines.append(Self.text(Self.power(decade), x, Self.height - Self.bottom + 18))
        }
        for decade in ys {
            let y = vertical(pow(10, Double(decade)))
            lines.append(Self.line(Self.left, y, Self.width - Self.right, y))
            lines.append(Self.text(Self.power(decade), Self.left - 8, y + 4, anchor: "end"))
        }
        let places = points.map { (horizontal($0.x), vertical($0.y)) }
        let way = places.map { "\(Self.fixed($0.0)),\(Self.fixed($0.1))" }.joined(separator: " ")
        lines.append(
            #"<polyline points="\#(way)" fill="none" stroke="steelblue" stroke-width="2"/>"#)
        for (place, point) in zip(places, points) {
            lines.append(
                #"<circle cx="\#(Self.fixed(place.0))" cy="\#(Self.fixed(place.1))" r="3.5" fill="steelblue"/>"#
            )
            lines.append(Self.text(Self.short(point.y), place.0, place.1 - 9))
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    /// The powers of ten around the values.
    private static func decades(_ values: [Double]) -> ClosedRange<Int> {
        let first = Int(log10(values.min() ?? 1).rounded(.down))
        return first...max(Int(log10(values.max() ?? 1).rounded(.up)), first + 1)
    }

    private static func share(_ value: Double, of decades: ClosedRange<Int>) -> Double {
        (log10(value) - Double(decades.lowerBound)) / Double(decades.count - 1)
    }

    private static func power(_ decade: Int) -> String {
        decade < 0 ? String(pow(10, Double(decade))) : decade > 5 ? "10^\(decade)" : grouped(decade)
    }

    private static func grouped(_ decade: Int) -> String {
        let digits = "1" + String(repeating: "0", count: decade)
        return digits.count > 4 ? digits.dropLast(3) + ",000" : digits
    }

    /// Three digits that count.
    static func short(_ value: Double) -> String { String(format: "%.3g", value) }

    private static func fixed(_ value: Double) -> String { String(format: "%.1f", value) }

    private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        #"<line x1="\#(fixed(x1))" y1="\#(fixed(y1))" x2="\#(fixed(x2))" y2="\#(fixed(y2))" stroke="lightgray"/>"#
    }

    private static func text(
        _ text: String, _ x: Double, _ y: Double, size: Int = 12, anchor: String = "middle"
    ) -> String {
        #"<text x="\#(fixed(x))" y="\#(fixed(y))" text-anchor="\#(anchor)" font-size="\#(size)">\#(escaped(text))</text>"#
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;")
            .replacingOccurrences(of: "<", with: "&lt;")
    }
}
