//! Charts as SVG, by `plotters`. The colours are classes, so that the style sheet gives them, in the light and in the dark.
//!
//! Nothing that a stranger wrote stands in a chart: only numbers and days.

use maud::{Markup, PreEscaped};
use mta_sts::{Sessions, Summary, UtcDay};
use plotters::backend::SVGBackend;
use plotters::chart::ChartBuilder;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoFont, RGBColor, ShapeStyle, TextStyle};
use std::error::Error;

/// How high the longest bar is, and how wide a column, in units of their own.
const HEIGHT: i32 = 10_000;
const COLUMN: i32 = 1_000;
/// How many columns a chart has at most.
const COLUMNS: usize = 92;
/// So many days in a column, the fewer the better.
const STEPS: [(u64, &str); 3] = [(1, "day"), (7, "week"), (28, "four weeks")];
/// Gaps of so many columns are shown in their full width.
const GAP: u64 = 14;

/// Colours that stand for classes of the style sheet.
const CLASSES: [(RGBColor, &str); 4] = [
    (SUCCESSFUL, "ok"),
    (FAILED, "bad"),
    (GRID, "grid"),
    (LABEL, "label"),
];
const SUCCESSFUL: RGBColor = RGBColor(1, 1, 1);
const FAILED: RGBColor = RGBColor(2, 2, 2);
const GRID: RGBColor = RGBColor(3, 3, 3);
const LABEL: RGBColor = RGBColor(4, 4, 4);

/// How wide the label of a day is, with some room.
const DAY: u32 = 92;

/// Sizes for wide and for narrow windows: a chart that shrinks takes its text along.
const WIDE: (u32, u32) = (920, 230);
const NARROW: (u32, u32) = (350, 200);

/// The sessions of each column, in the order of time.
pub(super) struct Series {
    /// `day`
    pub(super) step: &'static str,
    /// `None` is a gap that is shorter than it looks.
    columns: Vec<Option<(UtcDay, Sessions)>>,
    /// How many columns there are before.
    pub(super) earlier: usize,
}

impl Series {
    pub(super) fn of(summary: &Summary) -> Self {
        let mut series = Self {
            step: "",
            columns: Vec::new(),
            earlier: 0,
        };
        for (step, name) in STEPS {
            series.step = name;
            series.columns = columns(summary, step);
            if series.columns.len() <= COLUMNS {
                return series;
            }
        }
        series.earlier = series.columns.len() - COLUMNS;
        series.columns.drain(..series.earlier);
        series
    }

    /// Two charts of all sessions, or of those that failed; the style sheet shows the one that fits.
    pub(super) fn charts(&self, shown: Shown) -> Markup {
        let title = match shown {
            Shown::All => format!("Sessions by {}", self.step),
            Shown::Failed => format!("Failed sessions by {}", self.step),
        };
        let charts = [(WIDE, "wide"), (NARROW, "narrow")].map(|(size, class)| {
            // Writing to memory does not fail.
            let svg = self.draw(size, shown).unwrap_or_default();
            dressed(&svg, size, class, &title)
        });
        PreEscaped(charts.concat())
    }

    fn draw(&self, size: (u32, u32), shown: Shown) -> Result<String, Box<dyn Error>> {
        let mut svg = String::new();
        let backend = SVGBackend::with_string(&mut svg, size);
        let area = backend.into_drawing_area();
        let sessions = self.columns.iter().flatten().map(|(_, it)| *it);
        let most = sessions.map(|it| it.failed().saturating_add(shown.successful(it)));
        let most = most.max();
        let most = most.unwrap_or(0).max(1);
        // Strangers choose the counts: `plotters` gets small numbers to calculate with.
        let scaled = |count: u64| {
            let scaled = u128::from(count) * u128::from(HEIGHT.unsigned_abs()) / u128::from(most);
            // What is there is seen, however little of the whole it is.
            let least = if count > 0 { HEIGHT / 100 } else { 0 };
            i32::try_from(scaled).unwrap_or(HEIGHT).max(least)
        };
        let width = i32::try_from(self.columns.len())? * COLUMN;
        // Few bars are no wider than this many pixels.
        let widest = 48 * width / i32::try_from(size.0)?;
        let half = (COLUMN * 2 / 5).min(widest / 2);
        let mut chart = ChartBuilder::on(&area)
            .margin_top(12)
            .margin_right(14)
            .x_label_area_size(24)
            .y_label_area_size(46)
            .build_cartesian_2d(0..width, 0..HEIGHT + HEIGHT / 12)?;
        let label = TextStyle::from(("sans-serif", 15).into_font()).color(&LABEL);
        let beside = label.pos(Pos::new(HPos::Right, VPos::Center));
        for count in ticks(most) {
            let at = if count > 0 { scaled(count) } else { 0 };
            chart.draw_series([PathElement::new([(0, at), (width, at)], GRID)])?;
            let (x, y) = chart.backend_coord(&(0, at));
            area.draw(&Text::new(short(count), (x - 8, y), beside.clone()))?;
        }
        let bars = self.columns.iter().zip(0..).filter_map(|(column, index)| {
            let (_, sessions) = (*column)?;
            let successful = scaled(shown.successful(sessions));
            let all = successful + scaled(sessions.failed());
            Some([
                (index, 0, successful, SUCCESSFUL),
                (index, successful, all, FAILED),
            ])
        });
        let bars = bars.flatten().filter(|(_, from, to, _)| from < to);
        chart.draw_series(bars.map(|(index, from, to, color)| {
            let style = ShapeStyle::from(&color).filled();
            let middle = index * COLUMN + COLUMN / 2;
            Rectangle::new([(middle - half, from), (middle + half, to)], style)
        }))?;
        let below = label.pos(Pos::new(HPos::Center, VPos::Top));
        let room = usize::try_from(size.0 / DAY)?;
        let last = i32::try_from(size.0 - DAY / 2)?;
        let every = self.columns.len().div_ceil(room).max(1);
        for (index, column) in self.columns.iter().enumerate() {
            let text = match column {
                Some((day, _)) if index % every == every / 2 => day.to_string(),
                None => "…".to_owned(),
                Some(_) => continue,
            };
            let at = i32::try_from(index)? * COLUMN + COLUMN / 2;
            let (x, y) = chart.backend_coord(&(at, 0));
            area.draw(&Text::new(text, (x.min(last), y + 7), below.clone()))?;
        }
        area.present()?;
        drop((chart, area));
        Ok(svg)
    }
}

/// What a chart shows.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    All,
    Failed,
}

impl Shown {
    const fn successful(self, sessions: Sessions) -> u64 {
        match self {
            Self::All => sessions.successful(),
            Self::Failed => 0,
        }
    }
}

/// The days of a summary, so many in a column, with a column for each that has no reports.
fn columns(summary: &Summary, step: u64) -> Vec<Option<(UtcDay, Sessions)>> {
    // 1970-01-01 was a Thursday, and weeks begin on Mondays.
    let shift = if step > 1 { 3 } else { 0 };
    let first_day = |column: u64| UtcDay::from_number((column * step).saturating_sub(shift));
    let mut columns: Vec<Option<(UtcDay, Sessions)>> = Vec::new();
    let mut last = None;
    for (day, sessions) in summary.days() {
        let column = (day.number() + shift) / step;
        let gap = last.map_or(1, |last| column - last);
        match (gap, columns.last_mut()) {
            (0, Some(Some((_, sum)))) => {
                let successful = sum.successful().saturating_add(sessions.successful());
                let failed = sum.failed().saturating_add(sessions.failed());
                *sum = Sessions::new(successful, failed);
                continue;
            }
            (0 | 1, _) => {}
            (2..=GAP, _) => {
                let between = (column - gap + 1)..column;
                columns.extend(between.map(|it| Some((first_day(it), Sessions::default()))));
            }
            _ => columns.push(None),
        }
        columns.push(Some((first_day(column), sessions)));
        last = Some(column);
    }
    columns
}

/// A bar of the sessions of a row, as long as they are many compared with those of the longest row.
pub(super) fn bar(sessions: Sessions, most: u64) -> Markup {
    const SIZE: (u32, u32) = (1_000, 10);
    let scaled = |count: u64| {
        let width = u128::from(count) * 1_000 / u128::from(most.max(1));
        i32::try_from(width)
            .unwrap_or(1_000)
            .max(if count > 0 { 6 } else { 0 })
    };
    let failed = scaled(sessions.failed()).min(1_000);
    let successful = scaled(sessions.successful()).min(1_000 - failed);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let parts = [
            (0, successful, SUCCESSFUL),
            (successful, successful + failed, FAILED),
        ];
        for (from, to, color) in parts.into_iter().filter(|(from, to, _)| from < to) {
            let style = ShapeStyle::from(&color).filled();
            // Writing to memory does not fail.
            let _ = area.draw(&Rectangle::new([(from, 0), (to, 10)], style));
        }
        let _ = area.present();
    }
    PreEscaped(dressed(&svg, SIZE, "bar", ""))
}

/// The drawing with classes in place of colours, as wide as its place; with a title it is a picture, and without one an ornament.
fn dressed(svg: &str, (width, height): (u32, u32), class: &str, title: &str) -> String {
    let mut svg = svg.replace(" font-family=\"sans-serif\"", "");
    for (RGBColor(red, green, blue), class) in CLASSES {
        for attribute in ["fill", "stroke"] {
            let color = format!("{attribute}=\"#{red:02X}{green:02X}{blue:02X}\"");
            svg = svg.replace(&color, &format!("class=\"{class}\""));
        }
    }
    let start = format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" xmlns=\"http://www.w3.org/2000/svg\">"
    );
    let role = match title {
        "" => "aria-hidden=\"true\" preserveAspectRatio=\"none\"".to_owned(),
        _ => format!("role=\"img\" aria-label=\"{title}\""),
    };
    svg.replace(
        &start,
        &format!("<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" {role}>"),
    )
}

/// Round numbers from 0 on, at most five.
fn ticks(most: u64) -> impl Iterator<Item = u64> {
    let mut steps = (0..20).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u128.pow(power)));
    let step = steps.find(|step| u128::from(most) / step <= 4);
    let step = step.unwrap_or(u128::from(u64::MAX));
    (0..=4_u128)
        .map_while(move |index| u64::try_from(index * step).ok())
        .take_while(move |count| *count <= most)
}

/// `950`, `1.2k`, `34M`.
fn short(count: u64) -> String {
    const UNITS: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
    let (mut whole, mut tenth) = (count, 0);
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while whole >= 1_000 {
        (whole, tenth) = (whole / 1_000, whole % 1_000 / 100);
        unit = units.next();
    }
    let unit = unit.unwrap_or(&"");
    match tenth {
        0 => format!("{whole}{unit}"),
        _ => format!("{whole}.{tenth}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_numbers() {
        let ticks = |most| ticks(most).collect::<Vec<_>>();
        assert_eq!(ticks(1), [0, 1]);
        assert_eq!(ticks(4), [0, 1, 2, 3, 4]);
        assert_eq!(ticks(63), [0, 20, 40, 60]);
        assert_eq!(ticks(u64::MAX).len(), 4);
        assert_eq!([999, 1_000, 1_250].map(short), ["999", "1k", "1.2k"]);
        assert_eq!(short(u64::MAX), "18.4E");
    }
}
