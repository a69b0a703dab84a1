"Chromium for the tools that look at pages; without it, or without playwright, they say so and end well."
import shutil, sys

def skip(why): print(f'skipped: {why}'); sys.exit(0)
try: from playwright.sync_api import sync_playwright
except ImportError: skip('playwright is not installed (pip install playwright)')
CHROMIUM = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
if CHROMIUM is None: skip('no chromium on this machine')
FLAGS = '--headless --no-sandbox --disable-gpu --use-gl=swiftshader --disable-background-networking --no-first-run'.split()
